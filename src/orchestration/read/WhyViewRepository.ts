import { and, eq } from "drizzle-orm";
import {
    type DecisionRow,
    decisions,
    type Interaction,
    interactions,
} from "@/domain/campaign/db/schema";
import type { Database } from "@/infrastructure/persistence/Database";
import type { InteractionId, PurchaseId } from "@/utils/ids";

/** What was decided about something that happened, by every campaign that looked at it. */
export type WhyView = { interaction: Interaction; traces: DecisionRow["traces"] };

export class WhyViewRepository {
    constructor(private readonly db: Database) {}

    async findOfInteraction(id: InteractionId): Promise<WhyView | undefined> {
        const [found] = await this.views().where(eq(interactions.id, id));
        return found && { ...found, traces: found.traces ?? [] };
    }

    async findOfPurchase(id: PurchaseId): Promise<WhyView | undefined> {
        const [found] = await this.views().where(
            and(eq(interactions.trigger, "purchase"), eq(interactions.subject, id))
        );
        return found && { ...found, traces: found.traces ?? [] };
    }

    private views() {
        return this.db.current
            .select({ interaction: interactions, traces: decisions.traces })
            .from(interactions)
            .leftJoin(decisions, eq(decisions.interactionId, interactions.id))
            .$dynamic();
    }
}
