import { and, asc, eq, isNotNull, isNull, lt, or } from "drizzle-orm";
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
            .where(eq(shopWebhooks.merchantId, merchantId))
            .orderBy(asc(shopWebhooks.createdAt), asc(shopWebhooks.platform));
    }

    async findAskable(before: Date): Promise<ShopWebhook[]> {
        return this.db.current
            .select()
            .from(shopWebhooks)
            .where(
                and(
                    isNotNull(shopWebhooks.apiCredentials),
                    isNull(shopWebhooks.disconnectedAt),
                    or(
                        isNull(shopWebhooks.reconciledUntil),
                        lt(shopWebhooks.reconciledUntil, before)
                    )
                )
            )
            .orderBy(asc(shopWebhooks.reconciledUntil));
    }

    async markDisconnected(key: Key, at: Date): Promise<void> {
        await this.db.current.update(shopWebhooks).set({ disconnectedAt: at }).where(is(key));
    }

    async markReconciled(key: Key, until: Date): Promise<void> {
        await this.db.current.update(shopWebhooks).set({ reconciledUntil: until }).where(is(key));
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
