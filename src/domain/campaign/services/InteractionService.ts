import type { GroupId, InteractionId, MerchantId, PurchaseId } from "@/utils/ids";
import { newId } from "@/utils/ids";
import type { Clock } from "@/utils/time";
import type { Interaction } from "../db/schema";
import type {
    DueInteraction,
    InteractionRepository,
    SubjectKey,
} from "../repositories/InteractionRepository";

export type ConfirmedPurchase = {
    id: PurchaseId;
    merchantId: MerchantId;
    groupId: GroupId;
    occurredAt: Date;
};

/** Something that a person did and that may earn, once for its subject. */
export type NewInteraction = Pick<
    Interaction,
    "merchantId" | "groupId" | "trigger" | "subject" | "occurredAt"
> & { data?: Record<string, unknown> };
export type OpenedInteraction = { interactionId: InteractionId; duplicate: boolean };

/** After the last attempt (about a day) an interaction is given up and shown to the merchant. */
const maxAttempts = 40;

export class InteractionService {
    constructor(
        private readonly interactions: InteractionRepository,
        private readonly clock: Clock
    ) {}

    /**
     * Opens what is new, and says of each, by place, which interaction it is. Must be called in the transaction
     * that causes it, which holds the people.
     */
    async open(items: readonly NewInteraction[]): Promise<OpenedInteraction[]> {
        const dueAt = this.clock.now();
        const rows = items.map((item) => ({
            ...item,
            id: newId<InteractionId>(),
            data: item.data ?? null,
            dueAt,
        }));
        const firsts = new Map(rows.toReversed().map((row) => [nameOf(row), row]));
        const added = await this.interactions.open([...firsts.values()]);
        const late = rows.filter(({ id }) => !added.has(id));
        const known = await this.interactions.findBySubject(late);
        const ids = new Map(late.map((row, position) => [row.id, known.get(position)]));
        return rows.map(({ id }) => ({
            interactionId: ids.get(id) ?? id,
            duplicate: !added.has(id),
        }));
    }

    async openForPurchases(confirmed: readonly ConfirmedPurchase[]): Promise<void> {
        const dueAt = this.clock.now();
        await this.interactions.open(
            confirmed.map(({ id, ...purchase }) => ({
                ...purchase,
                id: newId<InteractionId>(),
                trigger: "purchase",
                subject: id,
                data: null,
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

const nameOf = ({ merchantId, trigger, subject }: SubjectKey): string =>
    `${merchantId}:${trigger}:${subject}`;
