import type { BudgetRepository } from "@/domain/campaign";
import type { RewardService } from "@/domain/rewards";
import type { Database } from "@/infrastructure/persistence/Database";

/** What time alone does to rewards: lock-ups end, and what nobody could be paid in time expires. */
export class RewardAgeingOrchestrator {
    constructor(
        private readonly db: Database,
        private readonly rewards: RewardService,
        private readonly budgets: BudgetRepository
    ) {}

    async age(): Promise<void> {
        await this.rewards.releaseLocked();
        while ((await this.expireSome()) > 0);
    }

    private expireSome(): Promise<number> {
        return this.db.transaction(async () => {
            const expired = await this.rewards.expire();
            await this.budgets.giveBack(expired);
            return expired.length;
        });
    }
}
