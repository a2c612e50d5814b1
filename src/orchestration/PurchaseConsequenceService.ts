import type {
    ConfirmedPurchase,
    InteractionService,
    WaitingRewardService,
} from "@/domain/campaign";
import type { Purchase } from "@/domain/purchases";
import type { Queue } from "@/infrastructure/queue/Queue";
import type { PurchaseRevisionService } from "./PurchaseRevisionService";

const earning = new Set<Purchase["status"]>(["confirmed", "partiallyRefunded"]);
const lost = new Set<Purchase["status"]>(["refunded", "cancelled"]);

/** What follows for rewards from what a purchase is now, whoever found it out. */
export class PurchaseConsequenceService {
    constructor(
        private readonly interactions: InteractionService,
        private readonly waiting: WaitingRewardService,
        private readonly revisions: PurchaseRevisionService,
        private readonly queue: Queue
    ) {}

    /**
     * Must be called in the transaction that changed the purchases. Saying the same twice changes nothing. Who is
     * deciding one of them at this moment is waited for; who decides later sees what changed.
     */
    async follow(purchases: readonly Purchase[]): Promise<void> {
        await this.interactions.lockOfPurchases(purchases.map(({ id }) => id));
        const gone = purchases.filter(({ status }) => lost.has(status)).map(({ id }) => id);
        await this.waiting.voidOf(await this.interactions.voidOfPurchases(gone));
        const confirmed = purchases.flatMap(asConfirmed);
        if (confirmed.length > 0) {
            await this.waiting.reviveOf(await this.interactions.openForPurchases(confirmed));
            await this.queue.wake("evaluateInteractions");
        }
        await this.revisions.revise(purchases);
    }
}

function asConfirmed({ id, merchantId, groupId, paidAt, status }: Purchase): ConfirmedPurchase[] {
    if (!groupId || !paidAt || !earning.has(status)) return [];
    return [{ id, merchantId, groupId, occurredAt: paidAt }];
}
