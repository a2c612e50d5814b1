import { randomUUID } from "node:crypto";
import type { Action, Role } from "@/domain/merchant";
import { bringAFriend } from "../fixtures/story/Merchant";
import type { Tea } from "../fixtures/tea";

/**
 * Who may ask: `anyone` · `shop` (a signature over the body) · `wallet` · `visitor` (a browser of the shop, an SDK
 * or a wallet) · `session` (whoever signed in to the dashboard) · a role (its staff that signed in, no API key) ·
 * an action (staff whose role has it, and API keys with that scope).
 */
export type Access = "anyone" | "shop" | "wallet" | "visitor" | "session" | Role | Action;
export type Entry = {
    access: Access;
    /** A body and a query that the route takes, so that it is not refused for those. */
    json?: (tea: Tea) => object;
    query?: (tea: Tea) => Record<string, string>;
};

const ofTea = ({ merchantId }: Pick<Tea, "merchantId">) => ({ merchantId });
const campaign = () => ({ name: "Bring a friend", definition: bringAFriend });
const order = (tea: Tea) => ({ ...ofTea(tea), orderId: "1", token: randomUUID() });
const key = () => ({ name: "Back office", scopes: ["bank:read"], mode: "live" });

/** One line for each route of the OpenAPI document; a route without one fails the tests. */
export const accessTable: Record<string, Entry> = {
    "GET /health": { access: "anyone" },
    "GET /ready": { access: "anyone" },
    "GET /metrics": { access: "anyone" },
    "GET /common/v1/assets": { access: "anyone" },
    "GET /common/v1/version": { access: "anyone" },
    "POST /external/v1/merchants/{merchantId}/webhooks/shopify": {
        access: "shop",
        json: () => ({}),
    },
    "POST /wallet/v1/auth/challenge": { access: "anyone" },
    "POST /wallet/v1/auth/register": { access: "anyone" },
    "POST /wallet/v1/auth/login": { access: "anyone" },
    "POST /wallet/v1/auth/refresh": { access: "anyone" },
    "POST /wallet/v1/auth/logout": { access: "wallet" },
    "GET /wallet/v1/auth/session": { access: "wallet" },
    "POST /wallet/v1/auth/sdk": { access: "wallet", json: ofTea },
    "POST /wallet/v1/track/arrival": { access: "visitor", json: ofTea },
    "POST /wallet/v1/track/purchase": { access: "visitor", json: order },
    "GET /wallet/v1/referral/link": { access: "visitor", query: ofTea },
    "GET /wallet/v1/rewards": { access: "visitor", query: ofTea },
    "GET /wallet/v1/rewards/{id}": { access: "visitor", query: ofTea },
    "GET /wallet/v1/rewards/{id}/why": { access: "visitor", query: ofTea },
    "GET /wallet/v1/balance/{address}": { access: "anyone" },
    "GET /wallet/v1/balance": { access: "wallet" },
    "POST /business/v1/auth/nonce": { access: "anyone" },
    "POST /business/v1/auth/login": { access: "anyone" },
    "POST /business/v1/auth/logout": { access: "session" },
    "GET /business/v1/auth/session": { access: "session" },
    "GET /business/v1/merchants/registration/challenge": {
        access: "session",
        query: () => ({ domain: "tea.example" }),
    },
    "POST /business/v1/merchants": {
        access: "session",
        json: () => ({ name: "Ada's Tea", domain: `${randomUUID()}.localhost` }),
    },
    "GET /business/v1/merchants": { access: "session" },
    "GET /business/v1/merchants/{merchantId}": { access: "merchants:read" },
    "GET /business/v1/merchants/{merchantId}/api-keys": { access: "owner" },
    "POST /business/v1/merchants/{merchantId}/api-keys": { access: "owner", json: key },
    "DELETE /business/v1/merchants/{merchantId}/api-keys/{keyId}": { access: "owner" },
    "GET /business/v1/merchants/{merchantId}/bank": { access: "bank:read" },
    "POST /business/v1/merchants/{merchantId}/bank/deploy": { access: "bank:deploy" },
    "POST /business/v1/funding/test-token": { access: "bank:write", json: ofTea },
    "PUT /business/v1/merchants/{merchantId}/webhooks/{platform}": {
        access: "webhooks:write",
        json: () => ({}),
    },
    "GET /business/v1/merchants/{merchantId}/webhooks/{platform}": { access: "webhooks:read" },
    "DELETE /business/v1/merchants/{merchantId}/webhooks/{platform}": { access: "webhooks:write" },
    "GET /business/v1/merchants/{merchantId}/webhook-deliveries": { access: "webhooks:read" },
    "POST /business/v1/merchants/{merchantId}/campaigns": {
        access: "campaigns:write",
        json: campaign,
    },
    "GET /business/v1/merchants/{merchantId}/campaigns": { access: "campaigns:read" },
    "GET /business/v1/campaigns/{id}": { access: "campaigns:read" },
    "POST /business/v1/campaigns/{id}/{step}": { access: "campaigns:write" },
    "GET /business/v1/merchants/{merchantId}/purchases": { access: "purchases:read" },
    "GET /business/v1/purchases/{id}": { access: "purchases:read" },
    "GET /business/v1/purchases/{id}/why": { access: "purchases:read" },
};
