import { sql } from "drizzle-orm";
import type { Database } from "@/infrastructure/persistence/Database";
import { unnest } from "@/infrastructure/persistence/unnest";
import { type DecisionRow, decisions, type Evaluation, evaluations } from "../db/schema";

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
}
