import type { Lookups } from "@/infrastructure/crypto/Lookups";
import type { NodeKey } from "../repositories/IdentityRepository";

/** One spelling for one mailbox: it is looked for, sealed and written to in this one alone. */
export const plainEmail = (email: string): string => email.trim().toLowerCase();

export const emailKeyOf = (lookups: Lookups, email: string): NodeKey => ({
    kind: "email",
    lookup: lookups.of("email", plainEmail(email)),
    merchantId: null,
});
