import type { GroupId, InteractionId, MerchantId, PurchaseId } from "@/utils/ids";
import { newId } from "@/utils/ids";
import type { Clock } from "@/utils/time";
import type { Interaction } from "../db/schema";
import type {
    DueInteraction,
    InteractionRepository,
    PastQuery,
} from "../repositories/InteractionRepository";
import type { PurchaseKey } from "../repositories/isOpenedBy";

export type ConfirmedPurchase = {
    id: PurchaseId;
    merchantId: MerchantId;
    groupId: GroupId;
    occurredAt: Date;
};
/** Something that happened. `subject` is what it is about: the same subject of a shop earns once. */
export type Happening = {
    merchantId: MerchantId;
    groupId: GroupId;
    trigger: Interaction["trigger"];
    subject: string;
    occurredAt: Date;
    data?: Record<string, unknown> | undefined;
};
export type Opened = { interactionId: InteractionId; duplicate: boolean };

/** After the last attempt (about a day) an interaction is given up and shown to the merchant. */
const maxAttempts = 40;

export class InteractionService {
    constructor(
        private readonly interactions: InteractionRepository,
        private readonly clock: Clock
    ) {}

    /**
     * Opens an interaction for each, by its place in the list; one that was told before is a `duplicate` of the first.
     * Must be called in a transaction that holds the people, and be followed by a wake-up of `evaluateInteractions`.
     */
    async open(items: readonly Happening[]): Promise<Opened[]> {
        const dueAt = this.clock.now();
        const rows = items.map(({ data, ...item }) => ({
            ...item,
            id: newId<InteractionId>(),
            data: data ?? null,
            dueAt,
        }));
        const opened = await this.interactions.open(rows);
        const known = rows.filter(({ id }) => !opened.has(id));
        const firsts = await this.interactions.findIds(known);
        const firstOf = new Map(known.map(({ id }, place) => [id, firsts.get(place)]));
        return rows.map(({ id }) => ({
            interactionId: firstOf.get(id) ?? id,
            duplicate: !opened.has(id),
        }));
    }

    async openForPurchases(confirmed: readonly ConfirmedPurchase[]): Promise<void> {
        await this.open(
            confirmed.map(({ id, ...purchase }) => ({
                ...purchase,
                trigger: "purchase",
                subject: id,
            }))
        );
    }

    findDue(limit: number): Promise<DueInteraction[]> {
        return this.interactions.findDue(this.clock.now(), limit);
    }

    lockOpen(ids: readonly InteractionId[]): Promise<Interaction[]> {
        return this.interactions.lockOpen(ids);
    }

    /** All of them, oldest first, some at a time. */
    async *past(query: PastQuery, batchSize: number): AsyncGenerator<Interaction[]> {
        let after: Interaction | undefined;
        for (;;) {
            const batch = await this.interactions.findPast(query, { limit: batchSize, after });
            if (batch.length > 0) yield batch;
            if (batch.length < batchSize) return;
            after = batch.at(-1);
        }
    }

    async markEvaluated(ids: readonly InteractionId[]): Promise<void> {
        await this.interactions.mark(ids, "evaluated");
    }

    /** What these purchases opened before. Nobody decides it until the transaction ends. */
    async lockOfPurchases(
        purchases: readonly PurchaseKey[]
    ): Promise<Map<PurchaseId, InteractionId>> {
        const opened = await this.interactions.lockOf(purchases);
        return new Map(opened.map(({ purchaseId, id }) => [purchaseId, id]));
    }

    /** These earn nothing any more. Says which there were to close. */
    void(ids: readonly InteractionId[]): Promise<InteractionId[]> {
        return this.interactions.void(ids);
    }

    /**
     * Those that were closed because their purchase was lost, and is not, are open again if they were never decided.
     * Says which were closed.
     */
    revive(ids: readonly InteractionId[]): Promise<InteractionId[]> {
        return this.interactions.revive(ids);
    }

    /** Which of them this person did. */
    findOwn(groupId: GroupId, ids: readonly InteractionId[]): Promise<InteractionId[]> {
        return this.interactions.findOwn(groupId, ids);
    }

    async postpone(id: InteractionId, reason: string): Promise<void> {
        await this.interactions.postpone(id, reason, maxAttempts);
    }
}
