import type {
    ConfirmedPurchase,
    InteractionService,
    WaitingRewardService,
} from "@/domain/campaign";
import type { Purchase } from "@/domain/purchases";
import type { Queue } from "@/infrastructure/queue/Queue";
import type { InteractionId, PurchaseId } from "@/utils/ids";
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
        const opened = await this.interactions.lockOfPurchases(purchases);
        const openedBy = (some: readonly { id: PurchaseId }[]) =>
            some.flatMap(({ id }) => opened.get(id) ?? []);
        const gone = purchases.filter(({ status }) => lost.has(status));
        await this.waiting.voidOf(await this.interactions.void(openedBy(gone)));
        await this.open(purchases.flatMap(asConfirmed), openedBy);
        await this.revisions.revise(purchases.filter(({ id }) => opened.has(id)));
    }

    private async open(
        confirmed: readonly ConfirmedPurchase[],
        openedBy: (some: readonly ConfirmedPurchase[]) => InteractionId[]
    ): Promise<void> {
        if (confirmed.length === 0) return;
        await this.waiting.reviveOf(await this.interactions.revive(openedBy(confirmed)));
        await this.interactions.openForPurchases(confirmed);
        await this.queue.wake("evaluateInteractions");
    }
}

function asConfirmed({ id, merchantId, groupId, paidAt, status }: Purchase): ConfirmedPurchase[] {
    if (!groupId || !paidAt || !earning.has(status)) return [];
    return [{ id, merchantId, groupId, occurredAt: paidAt }];
}
