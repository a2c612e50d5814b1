import { sql } from "drizzle-orm";
import { index, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import type { Hex } from "viem";
import { address, idOf, instant, primaryId } from "@/infrastructure/persistence/columns";
import type { ChainTransactionId, Id, MerchantId } from "@/utils/ids";
import { merchants } from "./schema";

export type ChainOrderId = Id<"chainOrder">;

/** What staff asked to be done on chain. A job does it; until it has ended nobody can ask for the same again. */
export const merchantChainOrders = pgTable(
    "merchant_chain_orders",
    {
        id: primaryId<ChainOrderId>(),
        merchantId: idOf<MerchantId>()
            .notNull()
            .references(() => merchants.id),
        kind: text({ enum: ["pauseBank", "resumeBank", "mintProduct"] }).notNull(),
        status: text({ enum: ["requested", "sent", "done", "failed"] }).notNull(),
        reason: text(),
        requestedBy: address().notNull(),
        /** Of a product: who is to own it, and the domain that it stands for. */
        domain: text(),
        transactionId: idOf<ChainTransactionId>(),
        txHash: text().$type<Hex>(),
        createdAt: instant().notNull(),
        endedAt: instant(),
    },
    ({ merchantId, kind, status, id }) => [
        uniqueIndex("merchant_chain_orders_one_open")
            .on(merchantId, kind)
            .where(sql`${status} in ('requested', 'sent')`),
        index("merchant_chain_orders_of_merchant").on(merchantId, id),
        index("merchant_chain_orders_open").on(id).where(sql`${status} in ('requested', 'sent')`),
    ]
);

export type ChainOrder = typeof merchantChainOrders.$inferSelect;
