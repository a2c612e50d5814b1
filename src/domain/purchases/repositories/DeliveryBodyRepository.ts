import { and, asc, eq, gt, inArray, isNull, ne, type SQL, sql } from "drizzle-orm";
import type { Database } from "@/infrastructure/persistence/Database";
import type { DeliveryId, MerchantId } from "@/utils/ids";
import { type Delivery, type Platform, webhookDeliveries } from "../db/schema";

export type StoredBody = Pick<Delivery, "id" | "status" | "externalId" | "body">;

/** What shops said, and that it is said no more: that something came stays on record. */
export class DeliveryBodyRepository {
    constructor(private readonly db: Database) {}

    /** What came of these orders, as it came. */
    async findOfOrders(
        merchantIds: readonly MerchantId[],
        orderIds: readonly string[]
    ): Promise<StoredBody[]> {
        return this.find(
            and(
                inArray(webhookDeliveries.merchantId, [...merchantIds]),
                inArray(webhookDeliveries.externalId, [...orderIds])
            )
        );
    }

    /** The next deliveries of these shops in the order of their ids, blanked ones included. */
    async findNext(
        merchantIds: readonly MerchantId[],
        after: string | null,
        limit: number
    ): Promise<StoredBody[]> {
        return this.find(
            and(
                inArray(webhookDeliveries.merchantId, [...merchantIds]),
                after ? gt(webhookDeliveries.id, after as DeliveryId) : undefined
            ),
            limit
        );
    }

    /** What could not be read, or was about no order: whoever looks for somebody's data has to look inside. */
    async findUnnamed(merchantId: MerchantId): Promise<StoredBody[]> {
        return this.find(
            and(
                eq(webhookDeliveries.merchantId, merchantId),
                isNull(webhookDeliveries.externalId),
                sql`length(${webhookDeliveries.body}) > 0`
            )
        );
    }

    async blank(ids: readonly DeliveryId[]): Promise<void> {
        if (ids.length === 0) return;
        await this.blankWhere(inArray(webhookDeliveries.id, [...ids]));
    }

    async blankOfOrders(merchantId: MerchantId, externalIds: readonly string[]): Promise<void> {
        if (externalIds.length === 0) return;
        await this.blankWhere(
            and(
                eq(webhookDeliveries.merchantId, merchantId),
                inArray(webhookDeliveries.externalId, [...externalIds])
            )
        );
    }

    /** But for what is still to be processed. */
    async blankAll(merchantId: MerchantId, platform: Platform): Promise<void> {
        await this.blankWhere(
            and(
                eq(webhookDeliveries.merchantId, merchantId),
                eq(webhookDeliveries.platform, platform),
                ne(webhookDeliveries.status, "received")
            )
        );
    }

    private async blankWhere(which: SQL | undefined): Promise<void> {
        await this.db.current
            .update(webhookDeliveries)
            .set({ body: new Uint8Array(), headers: {} })
            .where(which);
    }

    private async find(which: SQL | undefined, limit?: number): Promise<StoredBody[]> {
        const { id, status, externalId, body } = webhookDeliveries;
        const query = this.db.current
            .select({ id, status, externalId, body })
            .from(webhookDeliveries)
            .where(which)
            .orderBy(asc(id))
            .$dynamic();
        const stored = await (limit === undefined ? query : query.limit(limit));
        return stored.map((one) => ({ ...one, body: opened(one.body) }));
    }
}

/** A blanked body is empty, which is no archive of zstd. */
export const opened = (body: Uint8Array): Uint8Array =>
    body.length > 0 ? Bun.zstdDecompressSync(body) : body;
