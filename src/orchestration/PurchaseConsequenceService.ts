import type {
    BudgetRepository,
    CapRepository,
    ConfirmedPurchase,
    InteractionService,
    WaitingRewardService,
} from "@/domain/campaign";
import type { Purchase } from "@/domain/purchases";
import type { RewardService } from "@/domain/rewards";
import type { Queue } from "@/infrastructure/queue/Queue";
import type { InteractionId } from "@/utils/ids";

const earning = new Set<Purchase["status"]>(["confirmed", "partiallyRefunded"]);
const lost = new Set<Purchase["status"]>(["refunded", "cancelled"]);

/** What follows for rewards from what a purchase is now, whoever found it out. */
export class PurchaseConsequenceService {
    constructor(
        private readonly interactions: InteractionService,
        private readonly rewards: RewardService,
        private readonly budgets: BudgetRepository,
        private readonly caps: CapRepository,
        private readonly waiting: WaitingRewardService,
        private readonly queue: Queue
    ) {}

    /** Must be called in the transaction that changed the purchases. Saying the same twice changes nothing. */
    async follow(purchases: readonly Purchase[]): Promise<void> {
        const gone = purchases.filter(({ status }) => lost.has(status));
        const voided = await this.interactions.voidOfPurchases(gone.map(({ id }) => id));
        await this.takeBack(voided);

        const confirmed = purchases.flatMap(asConfirmed);
        if (confirmed.length === 0) return;
        await this.interactions.openForPurchases(confirmed);
        await this.queue.wake("evaluateInteractions");
    }

    /** Cancels what these interactions earned and is not yet being paid; its budget and its caps are free again. */
    async takeBack(interactionIds: readonly InteractionId[]): Promise<void> {
        const cancelled = await this.rewards.cancelOf(interactionIds, "refunded");
        await this.budgets.giveBack(cancelled);
        const byEvaluation = Map.groupBy(cancelled, ({ evaluationId }) => evaluationId);
        await this.caps.giveBack(
            [...byEvaluation].map(([evaluationId, rewards]) => ({
                evaluationId,
                rewards: rewards.length,
            }))
        );
        await this.waiting.voidOf(interactionIds);
    }

    /** Of rewards that could not be paid, those whose purchase was refunded meanwhile are not owed any more. */
    async takeBackVoid(interactionIds: readonly InteractionId[]): Promise<void> {
        await this.takeBack(await this.interactions.findVoid(interactionIds));
    }
}

function asConfirmed({ id, merchantId, groupId, paidAt, status }: Purchase): ConfirmedPurchase[] {
    if (!groupId || !paidAt || !earning.has(status)) return [];
    return [{ id, merchantId, groupId, occurredAt: paidAt }];
}
