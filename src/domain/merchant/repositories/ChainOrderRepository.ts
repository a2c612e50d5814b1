import { and, asc, desc, eq, inArray } from "drizzle-orm";
import type { Database } from "@/infrastructure/persistence/Database";
import type { MerchantId } from "@/utils/ids";
import { type ChainOrder, type ChainOrderId, merchantChainOrders } from "../db/chainOrders";

export type NewChainOrder = Pick<
    ChainOrder,
    "merchantId" | "kind" | "requestedBy" | "domain" | "createdAt"
>;

export class ChainOrderRepository {
    constructor(private readonly db: Database) {}

    /** Nothing new while the same is under way. */
    async add(order: NewChainOrder): Promise<void> {
        await this.db.current
            .insert(merchantChainOrders)
            .values({ ...order, status: "requested" })
            .onConflictDoNothing();
    }

    /** The newest of that kind. */
    async findLast(
        merchantId: MerchantId,
        kind: ChainOrder["kind"]
    ): Promise<ChainOrder | undefined> {
        const [found] = await this.db.current
            .select()
            .from(merchantChainOrders)
            .where(
                and(
                    eq(merchantChainOrders.merchantId, merchantId),
                    eq(merchantChainOrders.kind, kind)
                )
            )
            .orderBy(desc(merchantChainOrders.id))
            .limit(1);
        return found;
    }

    async findOpen(): Promise<ChainOrder[]> {
        return this.db.current
            .select()
            .from(merchantChainOrders)
            .where(inArray(merchantChainOrders.status, ["requested", "sent"]))
            .orderBy(asc(merchantChainOrders.id));
    }

    /** Ours until the transaction ends; nothing when it was signed for meanwhile, or somebody is at it. */
    async lockRequested(id: ChainOrderId): Promise<ChainOrder | undefined> {
        const [found] = await this.db.current
            .select()
            .from(merchantChainOrders)
            .where(and(eq(merchantChainOrders.id, id), eq(merchantChainOrders.status, "requested")))
            .for("update", { skipLocked: true });
        return found;
    }

    async update(
        id: ChainOrderId,
        change: Partial<
            Pick<ChainOrder, "status" | "reason" | "transactionId" | "txHash" | "endedAt">
        >
    ): Promise<void> {
        await this.db.current
            .update(merchantChainOrders)
            .set(change)
            .where(eq(merchantChainOrders.id, id));
    }
}
