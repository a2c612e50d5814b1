import { sql } from "drizzle-orm";
import {
    bigint,
    boolean,
    index,
    integer,
    jsonb,
    pgTable,
    primaryKey,
    text,
    unique,
} from "drizzle-orm/pg-core";
import type { Hex } from "viem";
import {
    address,
    idOf,
    instant,
    primaryId,
    tokenUnits,
} from "@/infrastructure/persistence/columns";
import type { ChainTransactionId } from "@/utils/ids";

/** An event of a mined transaction, as the node gave it. */
export type StoredLog = { address: Hex; topics: Hex[]; data: Hex };

/** Nonces come from here and not from the node, so that two processes never sign the same one. */
export const chainNonces = pgTable(
    "chain_nonces",
    {
        chainId: integer().notNull(),
        sender: address().notNull(),
        next: bigint({ mode: "number" }).notNull(),
    },
    ({ chainId, sender }) => [primaryKey({ columns: [chainId, sender] })]
);

export const nodeAnswers = [
    "accepted",
    "alreadyKnown",
    "nonceTooLow",
    "underpriced",
    "noFunds",
    "refused",
    "unreachable",
] as const;

/** A transaction is signed and kept before it is sent: sending the same bytes twice is harmless. */
export const chainTransactions = pgTable(
    "chain_transactions",
    {
        id: primaryId<ChainTransactionId>(),
        chainId: integer().notNull(),
        sender: address().notNull(),
        nonce: bigint({ mode: "number" }).notNull(),
        /** What it is for, so that the same thing is never signed twice. */
        purpose: text().notNull().unique("chain_transactions_one_per_purpose"),
        raw: text().$type<Hex>().notNull(),
        hash: text().$type<Hex>().notNull(),
        gas: tokenUnits().notNull(),
        maxFeePerGas: tokenUnits().notNull(),
        /** What the node said when these bytes were last sent to it. */
        nodeAnswer: text({ enum: nodeAnswers }),
        /** `final` is deep enough under other blocks; only then is its outcome known. */
        status: text({ enum: ["signed", "final"] }).notNull(),
        succeeded: boolean(),
        blockNumber: bigint({ mode: "bigint" }),
        gasUsed: tokenUnits(),
        logs: jsonb().$type<StoredLog[]>(),
        /** Of these bytes: later than the decision when they replaced others. */
        signedAt: instant().notNull(),
        finalAt: instant(),
    },
    ({ chainId, sender, nonce, status, signedAt }) => [
        unique("chain_transactions_one_per_nonce").on(chainId, sender, nonce),
        index("chain_transactions_open").on(signedAt).where(sql`${status} = 'signed'`),
    ]
);

/** Bytes that were replaced by others of the same purpose. They are out there, so they too may be mined. */
export const chainReplacedTransactions = pgTable(
    "chain_replaced_transactions",
    {
        hash: text().$type<Hex>().primaryKey(),
        transactionId: idOf<ChainTransactionId>()
            .notNull()
            .references(() => chainTransactions.id),
        nonce: bigint({ mode: "number" }).notNull(),
        raw: text().$type<Hex>().notNull(),
        replacedAt: instant().notNull(),
    },
    ({ transactionId }) => [index("chain_replaced_transactions_of").on(transactionId)]
);

export type NodeAnswer = (typeof nodeAnswers)[number];
export type ChainTransaction = typeof chainTransactions.$inferSelect;
