import type { AskableShop, InboxService, ShopWebhookService } from "@/domain/purchases";
import { ShopifyAdminClient } from "@/infrastructure/integrations/ShopifyAdminClient";
import { WooCommerceClient } from "@/infrastructure/integrations/WooCommerceClient";
import { log } from "@/infrastructure/observability/log";
import { type Clock, days, hours, later, minutes } from "@/utils/time";

/** What a shop's own API is asked through. Each page is a list of orders, each order its JSON. */
type OrderSource = { modifiedSince(since: Date): AsyncIterable<string[]> };

const everyMs = hours(1);
const firstLookBackMs = days(7);
/** Clocks differ, and shops list an order a moment after it changed. */
const overlapMs = minutes(10);
const topics = { shopify: "orders/updated", woocommerce: "order.updated" } as const;

/** Webhooks get lost; a shop that lets us ask is asked what it should have told us. */
export class ReconciliationOrchestrator {
    constructor(
        private readonly webhooks: ShopWebhookService,
        private readonly inbox: InboxService,
        private readonly clock: Clock,
        private readonly mayBePrivate: boolean
    ) {}

    /** Off for shops without credentials. One that fails is asked again the next time, and holds up no other. */
    async reconcileDue(): Promise<void> {
        const before = later(this.clock.now(), -everyMs);
        for (const shop of await this.webhooks.findAskable(before)) {
            await this.reconcile(shop).catch((error: unknown) => {
                const { merchantId, platform } = shop;
                log.warn({ err: error, merchantId, platform }, "a shop could not be asked");
            });
        }
    }

    /** What we knew already is a duplicate in the inbox, or changes nothing: orders are merged, not written over. */
    private async reconcile(shop: AskableShop): Promise<void> {
        const source = this.sourceOf(shop);
        if (!source) return;
        const startedAt = this.clock.now();
        const known = shop.reconciledUntil ?? later(startedAt, -firstLookBackMs);
        for await (const orders of source.client.modifiedSince(later(known, -overlapMs))) {
            await Promise.all(orders.map((order) => this.inbox.fetched(shop, source.topic, order)));
        }
        await this.webhooks.markReconciled(shop, startedAt);
    }

    private sourceOf({
        platform,
        api,
    }: AskableShop): { client: OrderSource; topic: string } | undefined {
        const { mayBePrivate } = this;
        if (platform === "woocommerce") {
            return { client: new WooCommerceClient(api, mayBePrivate), topic: topics.woocommerce };
        }
        if (platform === "shopify") {
            return { client: new ShopifyAdminClient(api, mayBePrivate), topic: topics.shopify };
        }
        return undefined;
    }
}
