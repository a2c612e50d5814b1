import type { Address } from "viem";
import type { BudgetRepository, InteractionService } from "@/domain/campaign";
import type { RewardService, SelfReferralRepository } from "@/domain/rewards";
import type { GroupId } from "@/utils/ids";

/** What follows for rewards when somebody turns out to be somebody else. Must be called in the transaction of the merge. */
export class MergeConsequenceService {
    constructor(
        private readonly interactions: InteractionService,
        private readonly rewards: RewardService,
        private readonly selfReferrals: SelfReferralRepository,
        private readonly budgets: BudgetRepository
    ) {}

    async follow(winner: GroupId, wallet: Address | undefined): Promise<void> {
        if (wallet) await this.rewards.payTo(winner, wallet);
        await this.takeBackSelfReferrals(winner);
    }

    /** As `follow`, for two who had a wallet each: what the one was owed goes to the other's. */
    async followWallets(winner: GroupId, wallet: Address): Promise<void> {
        await this.rewards.redirectTo(winner, wallet);
        await this.takeBackSelfReferrals(winner);
    }

    /** Nobody is owed for having brought themselves; the budget is free again. */
    private async takeBackSelfReferrals(winner: GroupId): Promise<void> {
        const promised = await this.selfReferrals.findReferralsOf(winner);
        const own = await this.interactions.findOwn(winner, promised);
        const rewards = await this.selfReferrals.findSelfReferrals(winner, own);
        const cancelled = await this.rewards.cancelAll(rewards, "selfReferral");
        await this.budgets.giveBack(cancelled);
    }
}
