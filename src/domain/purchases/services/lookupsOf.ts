import type { Lookups } from "@/infrastructure/crypto/Lookups";
import type { Platform } from "../db/schema";

/** The form in which an order's token is stored and compared. */
export const tokenLookupOf = (lookups: Lookups, token: string): string =>
    lookups.of("order-token", token);

/** A customer's number means something at one platform of one shop alone. */
export const customerLookupOf = (lookups: Lookups, platform: Platform, id: string): string =>
    lookups.of("customer", `${platform}:${id}`);

export const emailLookupOf = (lookups: Lookups, email: string): string =>
    lookups.of("customer-email", email.trim().toLowerCase());
