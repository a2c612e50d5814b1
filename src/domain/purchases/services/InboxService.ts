import { createHash } from "node:crypto";
import { log } from "@/infrastructure/observability/log";
import { MicroBatch } from "@/infrastructure/persistence/MicroBatch";
import { UnauthenticatedError } from "@/utils/errors";
import { type DeliveryId, type MerchantId, newId } from "@/utils/ids";
import type { Clock } from "@/utils/time";
import type { Platform } from "../db/schema";
import type { DeliveryRepository, NewDelivery } from "../repositories/DeliveryRepository";
import type { Envelope, Headers } from "./adapters/Adapter";
import { adapterOf } from "./adapters/adapterOf";
import { isPing } from "./adapters/wooCommerceAdapter";
import type { OpenWebhook, ShopWebhookService } from "./ShopWebhookService";

/** A delivery as it came: the body is the bytes that were signed. */
export type RawDelivery = {
    merchantId: MerchantId;
    platform: Platform;
    headers: Headers;
    body: Uint8Array;
    requestId: string;
    /** What it is about, where the address it came to says so. */
    topic?: string;
};
/** A ping is `ignored`: it is no delivery and is not kept. */
export type Acknowledgement =
    | { status: "accepted" | "duplicate"; deliveryId: DeliveryId }
    | { status: "ignored"; deliveryId: null };
type Shop = Pick<RawDelivery, "merchantId" | "platform">;
type Unsigned = Envelope & Omit<RawDelivery, "headers" | "topic">;

export class InboxService {
    private readonly batch = new MicroBatch<NewDelivery, boolean>((deliveries) =>
        this.keep(deliveries)
    );

    constructor(
        private readonly webhooks: ShopWebhookService,
        private readonly deliveries: DeliveryRepository,
        private readonly clock: Clock
    ) {}

    /**
     * Keeps a delivery and returns once it is durable; everything else happens later. Throws
     * `WEBHOOK_NOT_CONFIGURED` or `SIGNATURE_INVALID`, and then nothing was kept.
     */
    async receive(raw: RawDelivery): Promise<Acknowledgement> {
        const webhook = await this.webhooks.opened(raw.merchantId, raw.platform);
        if (raw.platform === "woocommerce" && isPing(raw)) {
            return { status: "ignored", deliveryId: null };
        }
        assertSigned(raw, webhook);
        return this.entrusted(raw);
    }

    /** As `receive`, of whoever proved otherwise than by a signature that they speak for the merchant. */
    entrusted(raw: RawDelivery): Promise<Acknowledgement> {
        const { merchantId, platform, headers, body, requestId } = raw;
        const envelope = adapterOf(platform).envelopeOf({ headers, body });
        const topic = raw.topic ?? envelope.topic;
        const dedupeKey = raw.topic ? `${topic}:${envelope.dedupeKey}` : envelope.dedupeKey;
        return this.accept({
            ...envelope,
            merchantId,
            platform,
            body,
            requestId,
            topic,
            dedupeKey,
        });
    }

    /** Keeps an order that we asked the shop for ourselves, and so needs no signature. */
    async fetched(shop: Shop, topic: string, order: string): Promise<Acknowledgement> {
        const body = Buffer.from(order);
        const headers = { "x-shopify-topic": topic, "x-wc-webhook-topic": topic };
        const envelope = adapterOf(shop.platform).envelopeOf({ headers, body });
        const { merchantId, platform } = shop;
        return this.accept({
            ...envelope,
            merchantId,
            platform,
            body,
            requestId: "reconciliation",
        });
    }

    private async accept(fetched: Unsigned): Promise<Acknowledgement> {
        const delivery: NewDelivery = {
            ...fetched,
            id: newId<DeliveryId>(),
            bodySha256: createHash("sha256").update(fetched.body).digest(),
            receivedAt: this.clock.now(),
        };
        if (await this.batch.add(delivery)) return { status: "accepted", deliveryId: delivery.id };
        const deliveryId = await this.deliveries.findByKey(delivery);
        return { status: "duplicate", deliveryId: deliveryId ?? delivery.id };
    }

    /** For each, whether it was new. */
    private async keep(deliveries: readonly NewDelivery[]): Promise<boolean[]> {
        const added = await this.deliveries.insertNew(deliveries);
        return deliveries.map(({ id }) => added.has(id));
    }
}

/** With the current or the previous secret, and for Shopify from the merchant's own shop. */
function assertSigned(
    { platform, headers, body, merchantId }: RawDelivery,
    { secrets, shopDomain }: OpenWebhook
): void {
    const adapter = adapterOf(platform);
    const isSigned = secrets.some((secret) => adapter.isSigned({ headers, body }, secret));
    const from = headers["x-shopify-shop-domain"]?.toLowerCase();
    const isTheirShop = platform !== "shopify" || !shopDomain || from === shopDomain;
    if (isSigned && isTheirShop) return;
    log.warn({ event: "signature.invalid", merchantId }, "a webhook was refused");
    const message = isSigned
        ? "This shop is not the one that the webhook was set up for"
        : "The signature does not fit the body";
    throw new UnauthenticatedError("SIGNATURE_INVALID", message);
}
