import type { Promoted, WaitingRewardService } from "@/domain/campaign";
import type { IdentityService } from "@/domain/identity";
import type { MerchantService } from "@/domain/merchant";
import type { Database } from "@/infrastructure/persistence/Database";
import type { CampaignId } from "@/utils/ids";
import type { Asset } from "@/utils/money";
import type { PurchaseRevisionService } from "./PurchaseRevisionService";
import type { Owed, RewardGrantService } from "./RewardGrantService";

const batchSize = 200;

/** Pays what waited for a budget's next window, in the order in which it came. */
export class QueuePromotionOrchestrator {
    constructor(
        private readonly db: Database,
        private readonly waiting: WaitingRewardService,
        private readonly identities: IdentityService,
        private readonly merchants: MerchantService,
        private readonly granting: RewardGrantService,
        private readonly revisions: PurchaseRevisionService
    ) {}

    async promoteAll(): Promise<void> {
        for (const campaignId of await this.waiting.findQueueing()) {
            while ((await this.promote(campaignId)) === batchSize);
        }
    }

    /** People are held first, here as everywhere. Says how many went through. */
    private promote(campaignId: CampaignId): Promise<number> {
        return this.db.transaction(async () => {
            const first = await this.waiting.findFirst(campaignId, batchSize);
            const [front] = first;
            if (!front) return 0;
            await this.identities.hold(
                first.flatMap(({ rewards }) => rewards.map(({ groupId }) => groupId))
            );
            await this.granting.holdBooks([front.merchantId]);
            const { rewardAsset, timeZone } = await this.merchants.get(front.merchantId);
            const asset = this.merchants.assetOf(rewardAsset);
            const promoted = await this.waiting.promote(first, { asset, timeZone });
            const owed = promoted.map((one) => owedBy(one, asset));
            await this.granting.grant(owed, promoted[0]?.grantedAt ?? front.queuedAt);
            await this.revisions.bringUpToDate([
                ...new Set(owed.flatMap(({ purchaseId }) => purchaseId ?? [])),
            ]);
            return promoted.length;
        });
    }
}

function owedBy({ waiting, version }: Promoted, asset: Asset): Owed {
    const {
        campaignId,
        evaluationId,
        interactionId: id,
        merchantId,
        purchaseId,
        rewards,
    } = waiting;
    return {
        interaction: { id, merchantId },
        purchaseId,
        campaignId,
        version,
        evaluationId,
        asset,
        rewards: rewards.map((reward) => ({ ...reward, amount: BigInt(reward.amount) })),
        firstOrdinal: 0,
    };
}
