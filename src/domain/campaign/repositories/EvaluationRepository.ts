import { and, asc, eq, sql } from "drizzle-orm";
import type { Database } from "@/infrastructure/persistence/Database";
import { isAmong } from "@/infrastructure/persistence/isAmong";
import { unnest } from "@/infrastructure/persistence/unnest";
import type { GroupId, MerchantId, PurchaseId } from "@/utils/ids";
import {
    campaignVersions,
    type DecisionRow,
    decisions,
    type Evaluation,
    evaluations,
    interactions,
} from "../db/schema";
/** A person, or what one shop has of them. */
export type Whose = { groupId: GroupId; merchantId: MerchantId | null };

export class EvaluationRepository {
    constructor(private readonly db: Database) {}

    async insertDecisions(rows: readonly DecisionRow[]): Promise<void> {
        if (rows.length === 0) return;
        await this.db.current.execute(sql`
            insert into ${decisions} (interaction_id, traces, facts, decided_at)
            select * from ${unnest(rows, {
                interactionId: "uuid",
                traces: "jsonb",
                facts: "jsonb",
                decidedAt: "timestamptz",
            })}`);
    }

    async insertAll(rows: readonly Evaluation[]): Promise<void> {
        if (rows.length === 0) return;
        await this.db.current.execute(sql`
            insert into ${evaluations}
                (id, interaction_id, campaign_id, campaign_version_id, evaluated_at)
            select * from ${unnest(rows, {
                id: "uuid",
                interactionId: "uuid",
                campaignId: "uuid",
                campaignVersionId: "uuid",
                evaluatedAt: "timestamptz",
            })}`);
    }

    /** What campaigns decided about these purchases and owe something for, oldest first. */
    async findDecided(purchaseIds: readonly PurchaseId[]) {
        if (purchaseIds.length === 0) return [];
        return this.db.current
            .select({
                purchaseId: interactions.subject,
                evaluationId: evaluations.id,
                campaignId: evaluations.campaignId,
                version: campaignVersions.id,
                definition: campaignVersions.definition,
                snapshot: decisions.facts,
                traces: decisions.traces,
            })
            .from(interactions)
            .innerJoin(decisions, eq(decisions.interactionId, interactions.id))
            .innerJoin(evaluations, eq(evaluations.interactionId, interactions.id))
            .innerJoin(campaignVersions, eq(campaignVersions.id, evaluations.campaignVersionId))
            .where(
                and(
                    eq(interactions.trigger, "purchase"),
                    isAmong(interactions.subject, purchaseIds)
                )
            )
            .orderBy(asc(evaluations.id));
    }

    /** What was decided on what a person did. */
    async findOf(whose: Whose): Promise<Pick<DecisionRow, "interactionId" | "facts" | "traces">[]> {
        const { interactionId, facts, traces } = decisions;
        return this.db.current
            .select({ interactionId, facts, traces })
            .from(decisions)
            .innerJoin(interactions, eq(interactions.id, interactionId))
            .where(isOf(whose));
    }

    async replace(
        rows: readonly Pick<DecisionRow, "interactionId" | "facts" | "traces">[]
    ): Promise<void> {
        if (rows.length === 0) return;
        await this.db.current.execute(sql`
            update ${decisions} decision set facts = input.facts, traces = input.traces
            from ${unnest(rows, { interactionId: "uuid", facts: "jsonb", traces: "jsonb" })}
            where decision.interaction_id = input."interactionId"`);
    }

    /** What a person's events said goes. */
    async eraseData(whose: Whose): Promise<void> {
        await this.db.current.update(interactions).set({ data: null }).where(isOf(whose));
    }
}

const isOf = ({ groupId, merchantId }: Whose) =>
    and(
        eq(interactions.groupId, groupId),
        merchantId ? eq(interactions.merchantId, merchantId) : undefined
    );
