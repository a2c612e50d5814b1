import { and, desc, eq, sql } from "drizzle-orm";
import {
    type DecisionRow,
    decisions,
    type Interaction,
    interactions,
    laterDecisions,
    waitingRewards,
} from "@/domain/campaign/db/schema";
import type { Database } from "@/infrastructure/persistence/Database";
import type { CampaignId, GroupId, InteractionId, MerchantId, PurchaseId } from "@/utils/ids";

/** What was decided about something that happened, by every campaign that looked at it. */
export type WhyView = {
    interaction: Interaction;
    /** The decision, then what was added to it because the order changed. */
    traces: DecisionRow["traces"];
    /** When what was queued was granted, by its campaign; nothing while it waits. */
    grantedAt: Map<CampaignId, Date | null>;
};

export class WhyViewRepository {
    constructor(private readonly db: Database) {}

    async findOfInteraction(id: InteractionId): Promise<WhyView | undefined> {
        const [found] = await this.views().where(eq(interactions.id, id));
        return found && this.whole(found);
    }

    async findOfPurchase(id: PurchaseId): Promise<WhyView | undefined> {
        const [found] = await this.views().where(
            and(eq(interactions.trigger, "purchase"), eq(interactions.subject, id))
        );
        return found && this.whole(found);
    }

    /** Of what somebody did at a shop, the latest first. */
    async findOfGroup(merchantId: MerchantId, groupId: GroupId, limit: number): Promise<WhyView[]> {
        const found = await this.views()
            .where(and(eq(interactions.merchantId, merchantId), eq(interactions.groupId, groupId)))
            .orderBy(desc(interactions.occurredAt), desc(interactions.id))
            .limit(limit);
        return Promise.all(found.map((one) => this.whole(one)));
    }

    private async whole(found: {
        interaction: Interaction;
        traces: DecisionRow["traces"] | null;
        later: DecisionRow["traces"][] | null;
    }): Promise<WhyView> {
        const traces = [...(found.traces ?? []), ...(found.later ?? []).flat()];
        const isQueued = traces.some(({ outcome }) => outcome === "queued");
        const waiting = isQueued ? await this.waitingOf(found.interaction.id) : [];
        const grantedAt = new Map(waiting.map((one) => [one.campaignId, one.grantedAt]));
        return { interaction: found.interaction, traces, grantedAt };
    }

    private waitingOf(id: InteractionId) {
        return this.db.current
            .select({
                campaignId: waitingRewards.campaignId,
                grantedAt: waitingRewards.grantedAt,
            })
            .from(waitingRewards)
            .where(eq(waitingRewards.interactionId, id));
    }

    private views() {
        return this.db.current
            .select({
                interaction: interactions,
                traces: decisions.traces,
                later: sql<DecisionRow["traces"][] | null>`(
                    select jsonb_agg(later.traces order by later.number) from ${laterDecisions} later
                    where later.interaction_id = ${interactions.id})`,
            })
            .from(interactions)
            .leftJoin(decisions, eq(decisions.interactionId, interactions.id))
            .$dynamic();
    }
}
