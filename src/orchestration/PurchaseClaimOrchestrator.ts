import type { IdentityService, NodeKey } from "@/domain/identity";
import type { Platform, Purchase, PurchaseService, ShopWebhookService } from "@/domain/purchases";
import type { Database } from "@/infrastructure/persistence/Database";
import { NotFoundError } from "@/utils/errors";
import type { MerchantId } from "@/utils/ids";
import type { PurchaseConsequenceService } from "./PurchaseConsequenceService";

export type PurchaseClaim = {
    merchantId: MerchantId;
    /** As the shop's page knows it: the digits, or Shopify's gid. */
    orderId: string;
    token: string;
    claimant: NodeKey;
};

/** A browser says that an order is its own, before or after the shop tells us of it. */
export class PurchaseClaimOrchestrator {
    constructor(
        private readonly db: Database,
        private readonly identities: IdentityService,
        private readonly webhooks: ShopWebhookService,
        private readonly purchases: PurchaseService,
        private readonly consequences: PurchaseConsequenceService
    ) {}

    /** Throws `WEBHOOK_NOT_CONFIGURED` for a shop that tells us of no orders, and `WRONG_TOKEN`. */
    async claim({ merchantId, orderId, token, claimant }: PurchaseClaim): Promise<Purchase> {
        const platform = await this.platformOf(merchantId);
        return this.db.transaction(async () => {
            const [groupId] = await this.identities.resolve([claimant]);
            if (!groupId) throw new Error("A claimant resolves to one person");
            const purchase = await this.purchases.claim({
                merchantId,
                platform,
                orderId: orderId.replace(/^gid:\/\/shopify\/Order\//, ""),
                token,
                groupId,
            });
            await this.consequences.follow([purchase]);
            return purchase;
        });
    }

    private async platformOf(merchantId: MerchantId): Promise<Platform> {
        const [platform] = await this.webhooks.platformsOf(merchantId);
        if (platform) return platform;
        throw new NotFoundError("WEBHOOK_NOT_CONFIGURED", "This shop tells us of no orders");
    }
}
