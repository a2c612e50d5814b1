import type { BudgetRepository } from "@/domain/campaign";
import type { RewardService } from "@/domain/rewards";
import type { Database } from "@/infrastructure/persistence/Database";
import type { RewardId } from "@/utils/ids";

/** A merchant takes a reward back; the campaign may spend it again. */
export class RewardCancellationOrchestrator {
    constructor(
        private readonly db: Database,
        private readonly rewards: RewardService,
        private readonly budgets: BudgetRepository
    ) {}

    /** Throws `REWARD_NOT_CANCELLABLE`. */
    async cancel(id: RewardId, reason: string): Promise<void> {
        await this.db.transaction(async () => {
            await this.budgets.giveBack([await this.rewards.cancel(id, reason)]);
        });
    }
}
