import type { GroupId, InteractionId, MerchantId, PurchaseId } from "@/utils/ids";
import { newId } from "@/utils/ids";
import type { Clock } from "@/utils/time";
import type { Interaction } from "../db/schema";
import type { DueInteraction, InteractionRepository } from "../repositories/InteractionRepository";

export type ConfirmedPurchase = {
    id: PurchaseId;
    merchantId: MerchantId;
    groupId: GroupId;
    occurredAt: Date;
};

/** After the last attempt (about a day) an interaction is given up and shown to the merchant. */
const maxAttempts = 40;

export class InteractionService {
    constructor(
        private readonly interactions: InteractionRepository,
        private readonly clock: Clock
    ) {}

    async openForPurchases(confirmed: readonly ConfirmedPurchase[]): Promise<void> {
        const dueAt = this.clock.now();
        await this.interactions.open(
            confirmed.map(({ id, ...purchase }) => ({
                ...purchase,
                id: newId<InteractionId>(),
                trigger: "purchase",
                subject: id,
                dueAt,
            }))
        );
    }

    findDue(limit: number): Promise<DueInteraction[]> {
        return this.interactions.findDue(this.clock.now(), limit);
    }

    lockOpen(ids: readonly InteractionId[]): Promise<Interaction[]> {
        return this.interactions.lockOpen(ids);
    }

    async markEvaluated(ids: readonly InteractionId[]): Promise<void> {
        await this.interactions.mark(ids, "evaluated");
    }

    /** What these purchases opened earns nothing any more. Says which there were to close. */
    voidOfPurchases(ids: readonly PurchaseId[]): Promise<InteractionId[]> {
        return this.interactions.voidOf(ids);
    }

    /** Which of them this person did. */
    findOwn(groupId: GroupId, ids: readonly InteractionId[]): Promise<InteractionId[]> {
        return this.interactions.findOwn(groupId, ids);
    }

    findVoid(ids: readonly InteractionId[]): Promise<InteractionId[]> {
        return this.interactions.findVoid(ids);
    }

    async postpone(id: InteractionId, reason: string): Promise<void> {
        await this.interactions.postpone(id, reason, maxAttempts);
    }
}
