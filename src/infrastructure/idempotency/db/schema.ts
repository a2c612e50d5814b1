import { index, integer, jsonb, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { instant } from "@/infrastructure/persistence/columns";

/** The first answer to a request that carried an `Idempotency-Key`, to be given again for 24 hours. */
export const idempotencyKeys = pgTable(
    "idempotency_keys",
    {
        caller: text().notNull(),
        key: text().notNull(),
        /** Hash of method, path and body: the same key for another request is a mistake of the caller. */
        fingerprint: text().notNull(),
        /** Unknown while the first request is still running. */
        status: integer(),
        headers: jsonb().$type<Record<string, string>>(),
        /** Encrypted. */
        body: text(),
        expiresAt: instant().notNull(),
    },
    ({ caller, key, expiresAt }) => [
        primaryKey({ columns: [caller, key] }),
        index("idempotency_keys_expiry").on(expiresAt),
    ]
);
