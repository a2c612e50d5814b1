import { sql } from "drizzle-orm";
import { bigint, boolean, index, jsonb, pgTable, text } from "drizzle-orm/pg-core";
import type { Hex } from "viem";
import { address, bytes, idOf, instant, primaryId } from "@/infrastructure/persistence/columns";
import type { ChallengeId, Id, MerchantId, SessionId } from "@/utils/ids";

/** What a passkey is asked to sign. Taken out by whoever presents it first, and worth nothing after that. */
export const authChallenges = pgTable(
    "auth_challenges",
    {
        id: primaryId<ChallengeId>(),
        purpose: text({ enum: ["register", "login", "stepUp", "walletMerge"] }).notNull(),
        challenge: bytes().notNull(),
        rpId: text().notNull(),
        /** The user handle that a new passkey is made with; only for `register`. */
        userHandle: text(),
        /** What is agreed to by signing it; only for `walletMerge`. */
        consent: text(),
        expiresAt: instant().notNull(),
    },
    ({ expiresAt }) => [index("auth_challenges_expiry").on(expiresAt)]
);

/** A passkey: the embedded store. `MONGODB_URI` keeps the same documents in MongoDB instead. */
export const authenticators = pgTable(
    "authenticators",
    {
        /** base64url, as the browser names it. */
        credentialId: text().primaryKey(),
        wallet: address().notNull(),
        publicKey: jsonb().$type<{ x: Hex; y: Hex }>().notNull(),
        coseKey: bytes().notNull(),
        /** 32 bits without a sign. */
        counter: bigint({ mode: "number" }).notNull(),
        transports: text().array().notNull(),
        deviceType: text({ enum: ["singleDevice", "multiDevice"] }).notNull(),
        backedUp: boolean().notNull(),
        userHandle: text().notNull(),
        label: text(),
        userAgent: text(),
        createdAt: instant().notNull(),
        lastUsedAt: instant(),
    },
    ({ wallet }) => [index("authenticators_wallet").on(wallet)]
);

/** Whoever may act. Tokens carry its id, so revoking the row ends them. */
export const sessions = pgTable(
    "sessions",
    {
        id: primaryId<SessionId>(),
        kind: text({ enum: ["wallet", "paired", "sdk", "business"] }).notNull(),
        /** What was minted together dies together: refreshes of one login, and its SDK token. */
        family: idOf<Id<"sessionFamily">>().notNull(),
        subject: address().notNull(),
        credentialId: text(),
        merchantId: idOf<MerchantId>(),
        scopes: text().array().notNull(),
        userAgent: text(),
        createdAt: instant().notNull(),
        expiresAt: instant().notNull(),
        revokedAt: instant(),
    },
    ({ family, subject, revokedAt }) => [
        index("sessions_family").on(family),
        index("sessions_subject").on(subject).where(sql`${revokedAt} is null`),
    ]
);

/** One link of a rotation, stored as a hash. A spent one that comes back revokes the family. */
export const refreshTokens = pgTable(
    "refresh_tokens",
    {
        hash: text().primaryKey(),
        sessionId: idOf<SessionId>()
            .notNull()
            .references(() => sessions.id),
        expiresAt: instant().notNull(),
        spentAt: instant(),
    },
    ({ sessionId }) => [index("refresh_tokens_session").on(sessionId)]
);

/** What a SIWE message must say, and which browser asked; taken out before the signature is looked at. */
export const siweNonces = pgTable(
    "siwe_nonces",
    {
        nonce: text().primaryKey(),
        browserHash: text().notNull(),
        expiresAt: instant().notNull(),
    },
    ({ expiresAt }) => [index("siwe_nonces_expiry").on(expiresAt)]
);
