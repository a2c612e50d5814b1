import { createHash, createHmac } from "node:crypto";
import { equalBytes } from "@/infrastructure/crypto/equalBytes";
import { log } from "@/infrastructure/observability/log";
import { MicroBatch } from "@/infrastructure/persistence/MicroBatch";
import { UnauthenticatedError } from "@/utils/errors";
import { type DeliveryId, type MerchantId, newId } from "@/utils/ids";
import type { Clock } from "@/utils/time";
import type { Platform } from "../db/schema";
import type { DeliveryRepository, NewDelivery } from "../repositories/DeliveryRepository";
import { type Envelope, envelopeOf } from "./envelope";
import type { OpenWebhook, ShopWebhookService } from "./ShopWebhookService";

/** A delivery as it came: the body is the bytes that were signed. */
export type RawDelivery = {
    merchantId: MerchantId;
    platform: Platform;
    headers: Readonly<Record<string, string | undefined>>;
    body: Uint8Array;
    requestId: string;
};
export type Acknowledgement = { status: "accepted" | "duplicate"; deliveryId: DeliveryId };

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
    async receive({
        merchantId,
        platform,
        headers,
        body,
        requestId,
    }: RawDelivery): Promise<Acknowledgement> {
        const webhook = await this.webhooks.opened(merchantId, platform);
        const envelope = envelopeOf(platform, headers, body);
        assertSigned(envelope, webhook, body, merchantId);
        const { signature: _, shopDomain: __, ...kept } = envelope;
        const delivery: NewDelivery = {
            ...kept,
            id: newId<DeliveryId>(),
            merchantId,
            platform,
            body,
            bodySha256: createHash("sha256").update(body).digest(),
            requestId,
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

/** HMAC-SHA256 over the bytes as they came, with the current or the previous secret, in constant time. */
function assertSigned(
    { signature, shopDomain }: Envelope,
    webhook: OpenWebhook,
    body: Uint8Array,
    merchantId: MerchantId
): void {
    const given = Buffer.from(signature ?? "", "base64");
    const isSigned = webhook.secrets.some((secret) =>
        equalBytes(given, createHmac("sha256", secret).update(body).digest())
    );
    const isTheirShop = !webhook.shopDomain || shopDomain?.toLowerCase() === webhook.shopDomain;
    if (isSigned && isTheirShop) return;
    log.warn({ event: "signature.invalid", merchantId }, "a webhook was refused");
    const message = isSigned
        ? "This shop is not the one that the webhook was set up for"
        : "The signature does not fit the body";
    throw new UnauthenticatedError("SIGNATURE_INVALID", message);
}
