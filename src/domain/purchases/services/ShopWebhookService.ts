import { randomBytes } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { SecretBox } from "@/infrastructure/crypto/SecretBox";
import { InvalidError, NotFoundError } from "@/utils/errors";
import type { MerchantId } from "@/utils/ids";
import { type Clock, hours, later, seconds } from "@/utils/time";
import type { Platform, ShopWebhook } from "../db/schema";
import type { ShopWebhookRepository } from "../repositories/ShopWebhookRepository";

/** A webhook with its secrets opened: those that a delivery may be signed with at this moment. */
export type OpenWebhook = { secrets: string[]; shopDomain: string | null };
export type WebhookChange = { secret: string | undefined; shopDomain: string | undefined };

/** How long deliveries that were signed before a change of secret are still taken. */
const overlapMs = hours(24);
const minSecretLength = 24;

export class ShopWebhookService {
    private readonly open = new LRUCache<string, OpenWebhook>({ max: 10_000, ttl: seconds(5) });

    constructor(
        private readonly webhooks: ShopWebhookRepository,
        private readonly secretBox: SecretBox,
        private readonly clock: Clock
    ) {}

    /** The secret, the merchant's own or a made one, is returned this once and never again. */
    async put(
        merchantId: MerchantId,
        platform: Platform,
        change: WebhookChange
    ): Promise<{ secret: string }> {
        const secret = change.secret ?? randomBytes(32).toString("base64url");
        if (secret.length < minSecretLength) {
            const message = `A webhook secret has at least ${minSecretLength} characters`;
            throw new InvalidError("SECRET_TOO_SHORT", message);
        }
        const now = this.clock.now();
        const before = await this.webhooks.find({ merchantId, platform });
        await this.webhooks.put({
            merchantId,
            platform,
            secret: this.secretBox.seal(secret, contextOf(merchantId, platform)),
            previousSecret: before?.secret ?? null,
            previousSecretUntil: before ? later(now, overlapMs) : null,
            shopDomain: change.shopDomain?.toLowerCase() ?? before?.shopDomain ?? null,
            createdAt: now,
            updatedAt: now,
        });
        this.open.delete(contextOf(merchantId, platform));
        return { secret };
    }

    /** Throws `WEBHOOK_NOT_CONFIGURED`. */
    async get(merchantId: MerchantId, platform: Platform): Promise<ShopWebhook> {
        const webhook = await this.webhooks.find({ merchantId, platform });
        if (!webhook) throw notConfigured();
        return webhook;
    }

    async remove(merchantId: MerchantId, platform: Platform): Promise<void> {
        if (!(await this.webhooks.delete({ merchantId, platform }))) throw notConfigured();
        this.open.delete(contextOf(merchantId, platform));
    }

    /** The platforms that this merchant's orders come from. */
    async platformsOf(merchantId: MerchantId): Promise<Platform[]> {
        const webhooks = await this.webhooks.findOfMerchant(merchantId);
        return webhooks.map(({ platform }) => platform);
    }

    /** For the inbox: cached, because every delivery asks. Throws `WEBHOOK_NOT_CONFIGURED`. */
    async opened(merchantId: MerchantId, platform: Platform): Promise<OpenWebhook> {
        const context = contextOf(merchantId, platform);
        const known = this.open.get(context);
        if (known) return known;
        const { secret, previousSecret, previousSecretUntil, shopDomain } = await this.get(
            merchantId,
            platform
        );
        const isPreviousGood = previousSecretUntil && previousSecretUntil > this.clock.now();
        const sealed = [secret, ...(previousSecret && isPreviousGood ? [previousSecret] : [])];
        const webhook = {
            secrets: sealed.map((one) => this.secretBox.open(one, context)),
            shopDomain,
        };
        this.open.set(context, webhook);
        return webhook;
    }
}

const contextOf = (merchantId: MerchantId, platform: Platform) => `${platform}:${merchantId}`;

const notConfigured = () =>
    new NotFoundError("WEBHOOK_NOT_CONFIGURED", "No webhook of this platform is set up here");
