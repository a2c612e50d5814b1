import type { Lookups } from "@/infrastructure/crypto/Lookups";

/** The form in which an order's token is stored and compared. */
export const tokenLookupOf = (lookups: Lookups, token: string): string =>
    lookups.of("order-token", token);
