import type { Role } from "../repositories/MerchantRepository";

/**
 * What staff and API keys may do, and the least role that may. An API key's scopes have the same names. What
 * only a person may do (keys, staff, transfers) is not in here: its routes name a role instead.
 */
export const leastRole = {
    "merchants:read": "viewer",
    "merchants:write": "admin",
    "bank:read": "viewer",
    "bank:write": "admin",
    "bank:deploy": "owner",
    "webhooks:read": "admin",
    "webhooks:write": "admin",
    "campaigns:read": "viewer",
    "campaigns:write": "campaignManager",
    "purchases:read": "viewer",
    "rewards:read": "viewer",
    "rewards:write": "admin",
    "customers:read": "viewer",
    "statistics:read": "viewer",
    "notifications:write": "campaignManager",
    "events:write": "admin",
} as const satisfies Record<string, Role>;

export type Action = keyof typeof leastRole;
export const actions = Object.keys(leastRole) as [Action, ...Action[]];
