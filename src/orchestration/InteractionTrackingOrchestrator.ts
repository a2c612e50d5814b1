import { randomUUID } from "node:crypto";
import type { Opened } from "@/domain/campaign";
import type { IdentityService, NodeKey } from "@/domain/identity";
import type { MerchantService } from "@/domain/merchant";
import type { Database } from "@/infrastructure/persistence/Database";
import { MicroBatch } from "@/infrastructure/persistence/MicroBatch";
import type { GroupId, MerchantId, PurchaseId } from "@/utils/ids";
import type { Clock } from "@/utils/time";
import type { InteractionOpeningService } from "./InteractionOpeningService";

type Tracked = { merchantId: MerchantId; visitor: NodeKey };
export type Share = Tracked & { shareId: string | undefined; purchaseId: PurchaseId | undefined };
export type CustomEvent = Tracked & {
    customType: string;
    data: Record<string, unknown> | undefined;
    idempotencyKey: string;
};
type Action = Tracked & {
    trigger: "share" | "custom";
    /** What it is about, among what the same person does. */
    subject: string;
    data: Record<string, unknown>;
    occurredAt: Date;
};

/** A shop's page tells what somebody did there that may earn. */
export class InteractionTrackingOrchestrator {
    private readonly batch = new MicroBatch<Action, Opened>((actions) => this.open(actions));

    constructor(
        private readonly db: Database,
        private readonly merchants: MerchantService,
        private readonly identities: IdentityService,
        private readonly interactions: InteractionOpeningService,
        private readonly clock: Clock
    ) {}

    /** The same share, or a share of the same purchase, counts once; without either each is one of its own. */
    async share({ merchantId, visitor, shareId, purchaseId }: Share): Promise<Opened> {
        const ofPurchase = purchaseId && `purchase:${purchaseId}`;
        return this.track({
            merchantId,
            visitor,
            trigger: "share",
            subject: shareId ?? ofPurchase ?? randomUUID(),
            data: purchaseId ? { purchaseId } : {},
        });
    }

    /** One key of one person counts once, whatever else is said with it. `data` is what conditions on `custom.*` see. */
    async custom(event: CustomEvent): Promise<Opened> {
        const { merchantId, visitor, customType, data, idempotencyKey } = event;
        return this.track({
            merchantId,
            visitor,
            trigger: "custom",
            subject: idempotencyKey,
            data: { ...data, customType },
        });
    }

    /** Returns once it is durable; what comes together shares a commit. */
    private async track(action: Omit<Action, "occurredAt">): Promise<Opened> {
        await this.merchants.get(action.merchantId);
        return this.batch.add({ ...action, occurredAt: this.clock.now() });
    }

    private open(actions: readonly Action[]): Promise<Opened[]> {
        return this.db.transaction(async () => {
            const groups = await this.identities.resolve(actions.map(({ visitor }) => visitor));
            return this.interactions.open(
                actions.map(({ visitor: _, subject, ...action }, position) => {
                    const groupId = groups[position] as GroupId;
                    return { ...action, groupId, subject: `${groupId}:${subject}` };
                })
            );
        });
    }
}
