import { sql } from "drizzle-orm";
import {
    bigint,
    boolean,
    check,
    index,
    jsonb,
    pgTable,
    text,
    uniqueIndex,
} from "drizzle-orm/pg-core";
import type { Hex } from "viem";
import { address, bytes, idOf, instant, primaryId } from "@/infrastructure/persistence/columns";
import type {
    ApiKeyId,
    ChallengeId,
    Id,
    MerchantId,
    PairingId,
    SessionId,
    SsoId,
} from "@/utils/ids";

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
        /** Set for a further passkey of this wallet: then it is worth nothing for a new wallet, or for another. */
        wallet: address(),
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
        /** A `paired` session lives and dies with its pairing. */
        pairingId: idOf<PairingId>(),
        scopes: text().array().notNull(),
        userAgent: text(),
        createdAt: instant().notNull(),
        /** To the minute: it is not written for every request. */
        lastSeenAt: instant().notNull().defaultNow(),
        /** When a passkey of the wallet last confirmed that its holder is there. */
        steppedUpAt: instant(),
        expiresAt: instant().notNull(),
        revokedAt: instant(),
    },
    ({ family, subject, credentialId, pairingId, revokedAt }) => [
        index("sessions_family").on(family),
        index("sessions_credential").on(credentialId).where(sql`${revokedAt} is null`),
        index("sessions_pairing").on(pairingId).where(sql`${pairingId} is not null`),
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

/** What a merchant's own server signs in with. The key itself is nowhere: only its SHA-256. */
export const apiKeys = pgTable(
    "api_keys",
    {
        id: primaryId<ApiKeyId>(),
        merchantId: idOf<MerchantId>().notNull(),
        name: text().notNull(),
        mode: text({ enum: ["live", "test"] }).notNull(),
        /** The actions it may do, by the names that roles have for them. */
        scopes: text().array().notNull(),
        hash: text().notNull(),
        prefix: text().notNull(),
        lastFour: text().notNull(),
        createdBy: address().notNull(),
        createdAt: instant().notNull(),
        revokedAt: instant(),
    },
    ({ hash, merchantId, revokedAt }) => [
        uniqueIndex("api_keys_hash").on(hash),
        index("api_keys_merchant").on(merchantId).where(sql`${revokedAt} is null`),
    ]
);

/** A shop's page asks for a session through the wallet app. PKCE (RFC 7636) binds who asked to who gets it. */
export const ssoRequests = pgTable(
    "sso_requests",
    {
        id: primaryId<SsoId>(),
        merchantId: idOf<MerchantId>().notNull(),
        redirectUri: text().notNull(),
        /** S256 of the verifier that only the page knows. */
        codeChallenge: text().notNull(),
        /** The page's own words, given back to it. */
        state: text(),
        wallet: address(),
        /** The wallet app's session that agreed: what the page gets does not outlive it. */
        sessionId: idOf<SessionId>().references(() => sessions.id),
        createdAt: instant().notNull(),
        approvedAt: instant(),
        consumedAt: instant(),
        expiresAt: instant().notNull(),
    },
    ({ wallet, sessionId, approvedAt, consumedAt, expiresAt }) => [
        index("sso_requests_expiry").on(expiresAt),
        check(
            "sso_requests_approved_by_somebody",
            sql`(${approvedAt} is null) = (${wallet} is null) and (${approvedAt} is null) = (${sessionId} is null)`
        ),
        check(
            "sso_requests_consumed_after_approval",
            sql`${consumedAt} is null or ${approvedAt} is not null`
        ),
    ]
);
