import { and, eq } from "drizzle-orm";
import type { Database } from "@/infrastructure/persistence/Database";
import type { MerchantId } from "@/utils/ids";
import { type Platform, type ShopWebhook, shopWebhooks } from "../db/schema";

type Key = { merchantId: MerchantId; platform: Platform };

export class ShopWebhookRepository {
    constructor(private readonly db: Database) {}

    async find(key: Key): Promise<ShopWebhook | undefined> {
        const [found] = await this.db.current.select().from(shopWebhooks).where(is(key));
        return found;
    }

    async findOfMerchant(merchantId: MerchantId): Promise<ShopWebhook[]> {
        return this.db.current
            .select()
            .from(shopWebhooks)
            .where(eq(shopWebhooks.merchantId, merchantId));
    }

    async put(webhook: ShopWebhook): Promise<void> {
        const { merchantId: _, platform: __, createdAt: ___, ...change } = webhook;
        await this.db.current
            .insert(shopWebhooks)
            .values(webhook)
            .onConflictDoUpdate({
                target: [shopWebhooks.merchantId, shopWebhooks.platform],
                set: change,
            });
    }

    async delete(key: Key): Promise<boolean> {
        const deleted = await this.db.current
            .delete(shopWebhooks)
            .where(is(key))
            .returning({ platform: shopWebhooks.platform });
        return deleted.length > 0;
    }
}

const is = ({ merchantId, platform }: Key) =>
    and(eq(shopWebhooks.merchantId, merchantId), eq(shopWebhooks.platform, platform));
