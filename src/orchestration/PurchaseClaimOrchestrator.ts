import type { IdentityService, NodeKey } from "@/domain/identity";
import {
    isProof,
    type Platform,
    type Purchase,
    type PurchaseService,
    type ShopWebhookService,
} from "@/domain/purchases";
import type { Database } from "@/infrastructure/persistence/Database";
import { NotFoundError } from "@/utils/errors";
import type { GroupId, MerchantId } from "@/utils/ids";
import type { IdentityMergeService } from "./IdentityMergeService";
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
        private readonly merges: IdentityMergeService,
        private readonly webhooks: ShopWebhookService,
        private readonly purchases: PurchaseService,
        private readonly consequences: PurchaseConsequenceService
    ) {}

    /**
     * Throws `WEBHOOK_NOT_CONFIGURED` for a shop that tells us of no orders, `WRONG_TOKEN` and `CLAIM_TOO_LATE`.
     * Who proves an order that is somebody's already is that person too, unless two wallets stand against it, or it is
     * theirs by nothing but the mail address that the buyer typed.
     */
    async claim(claim: PurchaseClaim): Promise<Purchase> {
        const { purchase, claimant } = await this.db.transaction(() => this.record(claim));
        const { groupId, merchantId, externalId, linkedBy } = purchase;
        if (groupId && groupId !== claimant && isProof(linkedBy)) {
            // In a transaction of its own: people are locked before orders, and the order was locked for the claim.
            const evidence = { merchantId, order: externalId };
            const groups = [groupId, claimant];
            await this.merges.unite({ keys: [], groups, reason: "sameOrder", evidence });
        }
        return purchase;
    }

    private async record({ merchantId, orderId, token, claimant }: PurchaseClaim) {
        const externalId = orderId.replace(/^gid:\/\/shopify\/Order\//, "");
        const platform = await this.platformOf(merchantId, externalId);
        const [groupId] = await this.identities.resolve([claimant]);
        if (!groupId) throw new Error("A claimant resolves to one person");
        const purchase = await this.purchases.claim({
            merchantId,
            platform,
            orderId: externalId,
            token,
            groupId,
        });
        await this.consequences.follow([purchase]);
        return { purchase, claimant: groupId satisfies GroupId };
    }

    /** Where a shop sells on several platforms, the one that told of the order; else its first. */
    private async platformOf(merchantId: MerchantId, externalId: string): Promise<Platform> {
        const platforms = await this.webhooks.platformsOf(merchantId);
        const [first] = platforms;
        if (!first) {
            throw new NotFoundError("WEBHOOK_NOT_CONFIGURED", "This shop tells us of no orders");
        }
        if (platforms.length === 1) return first;
        return (await this.purchases.platformOf(merchantId, externalId)) ?? first;
    }
}
