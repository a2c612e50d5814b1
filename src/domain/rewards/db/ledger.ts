import { sql } from "drizzle-orm";
import { bigint, check, pgTable, text, unique } from "drizzle-orm/pg-core";
import { bytes, idOf, instant, sequence, tokenUnits } from "@/infrastructure/persistence/columns";
import type { MerchantId, PurchaseId, RewardId } from "@/utils/ids";

/**
 * `campaign` owes (its balance is below zero), a person's `pending`, `available` and `settling` are owed to them,
 * `paid` stands on chain, `used` was points, and `debt` (below zero) is what they were paid too much.
 */
export const ledgerKinds = [
    "campaign",
    "pending",
    "available",
    "settling",
    "paid",
    "used",
    "debt",
] as const;
export type LedgerKind = (typeof ledgerKinds)[number];

/**
 * One place of a merchant's books. The owner is a person, or a campaign where `kind` says so. It is null once the
 * person was merged into somebody who had such an account already: its balance moved there, its history stays.
 */
export const ledgerAccounts = pgTable(
    "ledger_accounts",
    {
        id: sequence().primaryKey(),
        merchantId: idOf<MerchantId>().notNull(),
        kind: text({ enum: ledgerKinds }).notNull(),
        owner: idOf(),
        /** A token's address in lower case, or `points`. */
        asset: text().notNull(),
        mergedInto: bigint({ mode: "bigint" }),
    },
    ({ merchantId, kind, owner, asset, mergedInto }) => [
        unique("ledger_accounts_once").on(owner, kind, merchantId, asset),
        check("ledger_accounts_owned", sql`(${owner} is null) = (${mergedInto} is not null)`),
    ]
);

/**
 * One movement of one amount between two accounts. Each carries the hash of the one before it among the merchant's,
 * so none can be changed, left out or put in between. Written by the function `ledger_post` alone.
 */
export const ledgerTransfers = pgTable(
    "ledger_transfers",
    {
        id: sequence().primaryKey(),
        merchantId: idOf<MerchantId>().notNull(),
        /** Counts the merchant's transfers from 1, without a gap. */
        number: bigint({ mode: "bigint" }).notNull(),
        debit: bigint({ mode: "bigint" })
            .notNull()
            .references(() => ledgerAccounts.id),
        credit: bigint({ mode: "bigint" })
            .notNull()
            .references(() => ledgerAccounts.id),
        amount: tokenUnits().notNull(),
        asset: text().notNull(),
        kind: text().notNull(),
        rewardId: idOf<RewardId>(),
        purchaseId: idOf<PurchaseId>(),
        paymentId: bigint({ mode: "bigint" }),
        key: text().notNull(),
        prevHash: bytes().notNull(),
        hash: bytes().notNull(),
        at: instant().notNull(),
    },
    ({ merchantId, number, key, amount, debit, credit }) => [
        unique("ledger_transfers_one_chain").on(merchantId, number),
        unique("ledger_transfers_once").on(key),
        check("ledger_transfers_positive", sql`${amount} > 0`),
        check("ledger_transfers_between_two", sql`${debit} <> ${credit}`),
    ]
);

/** Credits less debits of each account: what its transfers add up to. */
export const ledgerBalances = pgTable(
    "ledger_balances",
    {
        accountId: bigint({ mode: "bigint" })
            .primaryKey()
            .references(() => ledgerAccounts.id),
        kind: text({ enum: ledgerKinds }).notNull(),
        balance: tokenUnits().notNull(),
    },
    ({ kind, balance }) => [
        check(
            "ledger_balances_signed",
            sql`case when ${kind} in ('campaign', 'debt') then ${balance} <= 0 else ${balance} >= 0 end`
        ),
    ]
);

/** Where each merchant's chain of transfers ends. Whoever posts holds it, so a chain cannot fork. */
export const ledgerHeads = pgTable("ledger_heads", {
    merchantId: idOf<MerchantId>().primaryKey(),
    number: bigint({ mode: "bigint" }).notNull(),
    hash: bytes().notNull(),
});
