import { and, asc, eq, sql } from "drizzle-orm";
import type { Database } from "@/infrastructure/persistence/Database";
import { isAmong } from "@/infrastructure/persistence/isAmong";
import { unnest } from "@/infrastructure/persistence/unnest";
import type { GroupId, InteractionId, MerchantId } from "@/utils/ids";
import {
    type DecisionRow,
    decisions,
    type Evaluation,
    evaluations,
    type Interaction,
    interactions,
    type LaterDecisionRow,
    laterDecisions,
} from "../db/schema";
import { isOpenedBy, type PurchaseKey } from "./isOpenedBy";

export type DecidedInteraction = { interaction: Interaction; decision: DecisionRow };
/** A person, or what one shop has of them. */
export type Whose = { groupId: GroupId; merchantId: MerchantId | null };
type Said = Pick<DecisionRow, "interactionId" | "facts" | "traces">;
type SaidLater = Said & Pick<LaterDecisionRow, "number">;

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

    /** After what was decided before it; a number that is taken fails the whole. */
    async insertLater(rows: readonly LaterDecisionRow[]): Promise<void> {
        if (rows.length === 0) return;
        await this.db.current.execute(sql`
            insert into ${laterDecisions} (interaction_id, number, traces, facts, decided_at)
            select * from ${unnest(rows, {
                interactionId: "uuid",
                number: "integer",
                traces: "jsonb",
                facts: "jsonb",
                decidedAt: "timestamptz",
            })}`);
    }

    /** What was decided about these purchases. */
    async findDecisions(purchases: readonly PurchaseKey[]): Promise<DecidedInteraction[]> {
        if (purchases.length === 0) return [];
        return this.db.current
            .select({ interaction: interactions, decision: decisions })
            .from(interactions)
            .innerJoin(decisions, eq(decisions.interactionId, interactions.id))
            .where(and(eq(interactions.trigger, "purchase"), isOpenedBy(purchases)))
            .orderBy(asc(interactions.id));
    }

    /** What was decided about them since, oldest first. */
    async findLater(ids: readonly InteractionId[]): Promise<LaterDecisionRow[]> {
        return this.db.current
            .select()
            .from(laterDecisions)
            .where(isAmong(laterDecisions.interactionId, ids))
            .orderBy(asc(laterDecisions.interactionId), asc(laterDecisions.number));
    }

    async findEvaluations(ids: readonly InteractionId[]): Promise<Evaluation[]> {
        return this.db.current
            .select()
            .from(evaluations)
            .where(isAmong(evaluations.interactionId, ids));
    }

    /** What was decided on what a person did. */
    async findOf(whose: Whose): Promise<Said[]> {
        return this.db.current
            .select(said(decisions))
            .from(decisions)
            .innerJoin(interactions, eq(interactions.id, decisions.interactionId))
            .where(isOf(whose));
    }

    async findLaterOf(whose: Whose): Promise<SaidLater[]> {
        return this.db.current
            .select({ ...said(laterDecisions), number: laterDecisions.number })
            .from(laterDecisions)
            .innerJoin(interactions, eq(interactions.id, laterDecisions.interactionId))
            .where(isOf(whose));
    }

    async replace(rows: readonly Said[]): Promise<void> {
        if (rows.length === 0) return;
        await this.db.current.execute(sql`
            update ${decisions} decision set facts = input.facts, traces = input.traces
            from ${unnest(rows, saidColumns)}
            where decision.interaction_id = input."interactionId"`);
    }

    async replaceLater(rows: readonly SaidLater[]): Promise<void> {
        if (rows.length === 0) return;
        await this.db.current.execute(sql`
            update ${laterDecisions} decision set facts = input.facts, traces = input.traces
            from ${unnest(rows, { ...saidColumns, number: "integer" })}
            where decision.interaction_id = input."interactionId" and decision.number = input.number`);
    }

    /** What a person's events said goes. */
    async eraseData(whose: Whose): Promise<void> {
        await this.db.current.update(interactions).set({ data: null }).where(isOf(whose));
    }
}

const said = <Table extends typeof decisions | typeof laterDecisions>({
    interactionId,
    facts,
    traces,
}: Table) => ({ interactionId, facts, traces });
const saidColumns = { interactionId: "uuid", facts: "jsonb", traces: "jsonb" } as const;

const isOf = ({ groupId, merchantId }: Whose) =>
    and(
        eq(interactions.groupId, groupId),
        merchantId ? eq(interactions.merchantId, merchantId) : undefined
    );
