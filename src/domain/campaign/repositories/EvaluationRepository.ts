import { and, asc, eq, inArray, sql } from "drizzle-orm";
import type { Database } from "@/infrastructure/persistence/Database";
import { unnest } from "@/infrastructure/persistence/unnest";
import type { EvaluationId, PurchaseId } from "@/utils/ids";
import {
    campaignVersions,
    type DecisionRow,
    decisions,
    type Evaluation,
    evaluations,
    interactions,
} from "../db/schema";
import type { PastDecision } from "../services/decideAgain";

/** A campaign's decision on a purchase, as it was made. */
export type Decided = { purchaseId: PurchaseId; evaluationId: EvaluationId; past: PastDecision };

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
    async findDecided(purchaseIds: readonly PurchaseId[]): Promise<Decided[]> {
        if (purchaseIds.length === 0) return [];
        const rows = await this.db.current
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
                    inArray(interactions.subject, [...purchaseIds])
                )
            )
            .orderBy(asc(evaluations.id));
        return rows.flatMap(({ purchaseId, evaluationId, campaignId, traces, ...past }) => {
            const decided = traces.find((trace) => trace.campaignId === campaignId);
            if (!decided) return [];
            return [
                { purchaseId: purchaseId as PurchaseId, evaluationId, past: { ...past, decided } },
            ];
        });
    }
}
