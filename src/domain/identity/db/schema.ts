import { sql } from "drizzle-orm";
import { index, integer, jsonb, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import { address, idOf, instant, primaryId } from "@/infrastructure/persistence/columns";
import type { GroupId, Id, MerchantId } from "@/utils/ids";

export type PersonKeyId = Id<"personKey">;
export type ErasureId = Id<"erasure">;
export type MailCodeId = Id<"mailCode">;

/** One person. A group that lost a merge stays as a redirect, so that an id read a moment ago still leads to them. */
export const identityGroups = pgTable("identity_groups", {
    id: primaryId<GroupId>(),
    mergedInto: idOf<GroupId>(),
    createdAt: instant().notNull().defaultNow(),
});

/**
 * What a person's own values are sealed with, itself sealed with ours: once the row is gone, nothing opens them,
 * in no backup either. After a merge there may be several.
 */
export const identityKeys = pgTable(
    "identity_keys",
    {
        id: primaryId<PersonKeyId>(),
        groupId: idOf<GroupId>()
            .notNull()
            .references(() => identityGroups.id),
        sealedKey: text().notNull(),
        createdAt: instant().notNull().defaultNow(),
    },
    ({ groupId }) => [index("identity_keys_group").on(groupId)]
);

/**
 * One identifier of a person. `lookup` is a keyed hash of whatever is secret or personal; only a wallet's
 * address, which is public, stands as it is. One live node per identifier: `identity_nodes_one_person`.
 */
export const identityNodes = pgTable(
    "identity_nodes",
    {
        id: primaryId<Id<"node">>(),
        groupId: idOf<GroupId>().notNull(),
        kind: text({ enum: ["client", "customer", "wallet", "email"] }).notNull(),
        lookup: text().notNull(),
        /** The shop it belongs to; wallets and mail addresses belong to none. */
        merchantId: idOf<MerchantId>(),
        /** A mail address, sealed with the person's key. */
        sealed: text(),
        keyId: idOf<PersonKeyId>().references(() => identityKeys.id),
        verifiedAt: instant(),
        unlinkedAt: instant(),
        createdAt: instant().notNull().defaultNow(),
    },
    ({ groupId, kind, unlinkedAt }) => [
        index("identity_nodes_group").on(groupId),
        uniqueIndex("identity_nodes_one_wallet")
            .on(groupId)
            .where(sql`${kind} = 'wallet' and ${unlinkedAt} is null`),
    ]
);

/** Append-only: who became whom and why, and which rows moved (table → keys), enough to undo it by hand. */
export const identityMerges = pgTable("identity_merges", {
    id: primaryId<Id<"merge">>(),
    winnerId: idOf<GroupId>().notNull(),
    loserId: idOf<GroupId>().notNull(),
    reason: text().notNull(),
    evidence: jsonb().notNull(),
    moved: jsonb().$type<Record<string, string[]>>().notNull().default({}),
    createdAt: instant().notNull().defaultNow(),
});

/** What a person carries from one device to another, once: its secret is only kept as a keyed hash. */
export const identityHandovers = pgTable(
    "identity_handovers",
    {
        lookup: text().primaryKey(),
        kind: text({ enum: ["mergeToken", "installCode"] }).notNull(),
        groupId: idOf<GroupId>()
            .notNull()
            .references(() => identityGroups.id),
        merchantId: idOf<MerchantId>().notNull(),
        expiresAt: instant().notNull(),
    },
    ({ groupId, expiresAt }) => [
        index("identity_handovers_group").on(groupId),
        index("identity_handovers_expiry").on(expiresAt),
    ]
);

/**
 * Somebody says that a mail address is theirs, and is sent a code there. The code is kept nowhere: it follows from
 * the id, by a key of ours. One that has an address is also the message that there is a mail to send.
 */
export const identityMailCodes = pgTable(
    "identity_mail_codes",
    {
        id: primaryId<MailCodeId>(),
        groupId: idOf<GroupId>()
            .notNull()
            .references(() => identityGroups.id),
        /** Of the address, as its identifier has it. */
        lookup: text().notNull(),
        /** Where to send it; gone once it is sent. */
        sealedAddress: text(),
        /** How often somebody tried to guess it. */
        guesses: integer().notNull().default(0),
        spentAt: instant(),
        sendings: integer().notNull().default(0),
        dueAt: instant().notNull(),
        lastError: text(),
        createdAt: instant().notNull(),
        expiresAt: instant().notNull(),
    },
    ({ id, groupId, lookup, sealedAddress, dueAt, createdAt }) => [
        index("identity_mail_codes_of_group").on(groupId, createdAt),
        index("identity_mail_codes_of_address").on(lookup, createdAt),
        index("identity_mail_codes_due").on(dueAt, id).where(sql`${sealedAddress} is not null`),
    ]
);

/**
 * Somebody is to be forgotten: everywhere, or by one shop. One that is not `done` is also the message that there is
 * work to do; each step of it is a transaction, so it goes on where it was.
 */
export const identityErasures = pgTable(
    "identity_erasures",
    {
        id: primaryId<ErasureId>(),
        /** Nobody, when the shop's customer was never linked to anything. */
        groupId: idOf<GroupId>(),
        /** The shop that asked; none when the person did. */
        merchantId: idOf<MerchantId>(),
        wallet: address(),
        step: text({ enum: ["gather", "inbox", "rows", "done"] }).notNull(),
        /** What the inbox is searched for, sealed; gone when it is done. */
        sealedTraces: text(),
        /** The last delivery that was looked at. */
        cursor: idOf<Id<"delivery">>(),
        requestedAt: instant().notNull(),
        dueAt: instant().notNull(),
        attempts: integer().notNull().default(0),
        lastError: text(),
        finishedAt: instant(),
    },
    ({ dueAt, step, id }) => [
        index("identity_erasures_due").on(dueAt, id).where(sql`${step} <> 'done'`),
    ]
);

export type Erasure = typeof identityErasures.$inferSelect;
export type MailCode = typeof identityMailCodes.$inferSelect;
export type Handover = typeof identityHandovers.$inferSelect;
