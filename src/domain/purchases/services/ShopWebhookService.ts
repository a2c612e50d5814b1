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
export type WebhookChange = {
    secret: string | undefined;
    shopDomain: string | undefined;
    api?: ShopApi | undefined;
};
/** Where and as whom we may ask a shop for its orders. Shopify takes a token alone, which is the key. */
export type ShopApi = { url: string; key: string; secret?: string | undefined };
/** A shop that may be asked, and since when it was not. */
export type AskableShop = {
    merchantId: MerchantId;
    platform: Platform;
    api: ShopApi;
    reconciledUntil: Date | null;
};

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
        const secret = change.secret ?? madeSecret(platform);
        if (secret.length < minSecretLength) {
            const message = `A webhook secret has at least ${minSecretLength} characters`;
            throw new InvalidError("SECRET_TOO_SHORT", message);
        }
        const now = this.clock.now();
        const context = contextOf(merchantId, platform);
        const before = await this.webhooks.find({ merchantId, platform });
        await this.webhooks.put({
            merchantId,
            platform,
            secret: this.secretBox.seal(secret, context),
            previousSecret: before?.secret ?? null,
            previousSecretUntil: before ? later(now, overlapMs) : null,
            shopDomain: change.shopDomain?.toLowerCase() ?? before?.shopDomain ?? null,
            disconnectedAt: null,
            apiUrl: change.api?.url ?? before?.apiUrl ?? null,
            apiCredentials: change.api
                ? this.secretBox.seal(JSON.stringify(change.api), `${context}:api`)
                : (before?.apiCredentials ?? null),
            reconciledUntil: before?.reconciledUntil ?? null,
            createdAt: now,
            updatedAt: now,
        });
        this.open.delete(context);
        return { secret };
    }

    /** A new made secret; the old one is still good for a day. Throws `WEBHOOK_NOT_CONFIGURED`. */
    async rotate(merchantId: MerchantId, platform: Platform): Promise<{ secret: string }> {
        await this.get(merchantId, platform);
        return this.put(merchantId, platform, { secret: undefined, shopDomain: undefined });
    }

    /** The shop took our app away. Its secret stays good: the law has it tell us of erasures for a while yet. */
    async markDisconnected(merchantId: MerchantId, platform: Platform): Promise<void> {
        await this.webhooks.markDisconnected({ merchantId, platform }, this.clock.now());
    }

    /** Those with credentials, still connected, that were last asked before then. */
    async findAskable(before: Date): Promise<AskableShop[]> {
        const webhooks = await this.webhooks.findAskable(before);
        return webhooks.flatMap(({ merchantId, platform, apiCredentials, reconciledUntil }) => {
            if (!apiCredentials) return [];
            const context = `${contextOf(merchantId, platform)}:api`;
            const api = JSON.parse(this.secretBox.open(apiCredentials, context)) as ShopApi;
            return [{ merchantId, platform, api, reconciledUntil }];
        });
    }

    async markReconciled(
        { merchantId, platform }: Pick<AskableShop, "merchantId" | "platform">,
        until: Date
    ): Promise<void> {
        await this.webhooks.markReconciled({ merchantId, platform }, until);
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

/** Standard Webhooks has its secrets in base64 under a prefix; for the others it is any text. */
function madeSecret(platform: Platform): string {
    const random = randomBytes(32);
    const isStandard = platform === "custom" || platform === "magento";
    return isStandard ? `whsec_${random.toString("base64")}` : random.toString("base64url");
}

const contextOf = (merchantId: MerchantId, platform: Platform) => `${platform}:${merchantId}`;

const notConfigured = () =>
    new NotFoundError("WEBHOOK_NOT_CONFIGURED", "No webhook of this platform is set up here");
