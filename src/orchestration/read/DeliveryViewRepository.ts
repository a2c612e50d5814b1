import { and, eq, getTableColumns } from "drizzle-orm";
import {
    type Delivery,
    type Purchase,
    purchases,
    webhookDeliveries,
} from "@/domain/purchases/db/schema";
import type { Database } from "@/infrastructure/persistence/Database";
import type { DeliveryId, MerchantId } from "@/utils/ids";

/** A delivery with the purchase that it told of, once that is known. */
export type DeliveryView = Omit<Delivery, "body" | "bodySha256" | "headers"> & {
    purchase: Purchase | null;
};

const { body: _, bodySha256: __, headers: ___, ...summary } = getTableColumns(webhookDeliveries);

export class DeliveryViewRepository {
    constructor(private readonly db: Database) {}

    async find(merchantId: MerchantId, id: DeliveryId): Promise<DeliveryView | undefined> {
        const [found] = await this.db.current
            .select({ delivery: summary, purchase: purchases })
            .from(webhookDeliveries)
            .leftJoin(
                purchases,
                and(
                    eq(purchases.merchantId, webhookDeliveries.merchantId),
                    eq(purchases.platform, webhookDeliveries.platform),
                    eq(purchases.externalId, webhookDeliveries.externalId)
                )
            )
            .where(and(eq(webhookDeliveries.id, id), eq(webhookDeliveries.merchantId, merchantId)));
        return found && { ...found.delivery, purchase: found.purchase };
    }
}
