import { zeroAddress } from "viem";
import type { Campaign, CampaignVersion, DueReward, Interaction } from "@/domain/campaign";
import type { IdentityService } from "@/domain/identity";
import type { NewReward, RewardService } from "@/domain/rewards";
import {
    type EvaluationId,
    type MerchantId,
    newId,
    type PurchaseId,
    type RewardId,
} from "@/utils/ids";
import type { Asset } from "@/utils/money";
import { days, later, seconds } from "@/utils/time";

const defaultExpiryDays = 60;

/** What an evaluation owes, under which version, for what. */
export type Owed = {
    interaction: Pick<Interaction, "id" | "merchantId">;
    purchaseId: PurchaseId | null;
    campaignId: Campaign["id"];
    version: Pick<CampaignVersion, "id" | "definition">;
    evaluationId: EvaluationId;
    asset: Asset;
    rewards: readonly DueReward[];
    /** The place of the first among all that the evaluation owes. */
    firstOrdinal: number;
};

/** Writes what was decided to whom it is owed now: whoever was merged meanwhile, to who they are. */
export class RewardGrantService {
    constructor(
        private readonly identities: IdentityService,
        private readonly rewards: RewardService
    ) {}

    /** Nobody else writes in these merchants' books until the transaction ends. Before budgets are locked. */
    holdBooks(merchantIds: readonly MerchantId[]): Promise<void> {
        return this.rewards.holdBooks(merchantIds);
    }

    /** Must be called in the transaction that takes it from budgets and caps. */
    async grant(owed: readonly Owed[], createdAt: Date): Promise<void> {
        const rewards = owed.flatMap((one) => rewardsOf(one, createdAt));
        if (rewards.length === 0) return;
        const live = await this.identities.hold(rewards.map(({ groupId }) => groupId));
        const wallets = await this.identities.walletsOf([...new Set(live.values())]);
        await this.rewards.grant(
            rewards.map((reward) => {
                const groupId = live.get(reward.groupId) ?? reward.groupId;
                return { ...reward, groupId, wallet: wallets.get(groupId) ?? null };
            })
        );
    }
}

/** The lock-up runs from when it became owed; the time to take it, from the end of the lock-up. */
function rewardsOf(
    {
        interaction,
        purchaseId,
        campaignId,
        version,
        evaluationId,
        asset,
        rewards,
        firstOrdinal,
    }: Owed,
    createdAt: Date
): Omit<NewReward, "wallet">[] {
    const { lockupSeconds = 0, expireAfterDays = defaultExpiryDays } = version.definition;
    const availableAt = later(createdAt, seconds(lockupSeconds));
    return rewards.map(({ recipient, groupId, chainDepth, kind, currency, amount }, place) => ({
        id: newId<RewardId>(),
        merchantId: interaction.merchantId,
        campaignId,
        campaignVersionId: version.id,
        evaluationId,
        interactionId: interaction.id,
        purchaseId,
        groupId,
        recipient,
        chainDepth,
        ordinal: firstOrdinal + place,
        asset: kind,
        currency: currency ?? null,
        token: kind === "token" ? asset.address : zeroAddress,
        amount,
        originalAmount: amount,
        status: lockupSeconds > 0 ? "pending" : "available",
        availableAt,
        expiresAt: later(availableAt, days(expireAfterDays)),
        createdAt,
    }));
}
