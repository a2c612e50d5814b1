import { and, eq, inArray, lte, sql } from "drizzle-orm";
import type { Database } from "@/infrastructure/persistence/Database";
import { unnest } from "@/infrastructure/persistence/unnest";
import type { CampaignId, EvaluationId } from "@/utils/ids";
import {
    type BudgetTakingRow,
    budgetTakings,
    type CampaignBudget,
    campaignBudgets,
} from "../db/schema";

type BudgetKey = Pick<CampaignBudget, "campaignId" | "name" | "windowStartsAt">;
export type BudgetReturn = {
    evaluationId: EvaluationId;
    asset: BudgetTakingRow["asset"];
    amount: bigint;
};

const keyColumns = { campaignId: "uuid", name: "text", windowStartsAt: "timestamptz" } as const;

export class BudgetRepository {
    constructor(private readonly db: Database) {}

    /** Windows that are there already stay as they are. */
    async open(budgets: readonly CampaignBudget[]): Promise<void> {
        if (budgets.length === 0) return;
        await this.db.current.execute(sql`
            insert into ${campaignBudgets} (campaign_id, name, window_starts_at, "limit", used)
            select * from ${unnest(budgets, { ...keyColumns, limit: "numeric", used: "numeric" })}
            order by "campaignId", name, "windowStartsAt"
            on conflict do nothing`);
    }

    /** Every window that has begun, the newest first. */
    async findOf(campaignIds: readonly CampaignId[]): Promise<CampaignBudget[]> {
        if (campaignIds.length === 0) return [];
        return this.db.current
            .select()
            .from(campaignBudgets)
            .where(inArray(campaignBudgets.campaignId, [...campaignIds]))
            .orderBy(sql`${campaignBudgets.windowStartsAt} desc`);
    }

    /** Nobody else takes from these windows until the transaction ends, so what is read is what there is. */
    async lock(keys: readonly BudgetKey[]): Promise<CampaignBudget[]> {
        if (keys.length === 0) return [];
        const { campaignId, name, windowStartsAt } = campaignBudgets;
        return this.db.current
            .select()
            .from(campaignBudgets)
            .where(
                sql`(${campaignId}, ${name}, ${windowStartsAt})
                    in (select * from ${unnest(keys, keyColumns)})`
            )
            .orderBy(campaignId, name, windowStartsAt)
            .for("update");
    }

    /** Fails as a whole when one of them would go over its limit: the database refuses it. */
    async take(takings: readonly BudgetTakingRow[]): Promise<void> {
        if (takings.length === 0) return;
        const columns = {
            evaluationId: "uuid",
            ...keyColumns,
            asset: "text",
            amount: "numeric",
        } as const;
        await this.db.current.execute(sql`
            with kept as (
                insert into ${budgetTakings}
                    (evaluation_id, campaign_id, name, window_starts_at, asset, amount)
                select * from ${unnest(takings, columns)}
                returning campaign_id, name, window_starts_at, amount
            )
            update ${campaignBudgets} budget set used = budget.used + taken.amount
            from (
                select campaign_id, name, window_starts_at, sum(amount) as amount
                from kept group by campaign_id, name, window_starts_at
            ) taken
            where budget.campaign_id = taken.campaign_id and budget.name = taken.name
                and budget.window_starts_at = taken.window_starts_at`);
    }

    /** What evaluations took, from which windows. */
    async findTakings(evaluationIds: readonly EvaluationId[]): Promise<BudgetTakingRow[]> {
        if (evaluationIds.length === 0) return [];
        return this.db.current
            .select()
            .from(budgetTakings)
            .where(inArray(budgetTakings.evaluationId, [...evaluationIds]));
    }

    /** Has evaluations take from these too, nothing so far; what they take from already stays as it is. */
    async join(takings: readonly BudgetTakingRow[]): Promise<void> {
        if (takings.length === 0) return;
        await this.db.current
            .insert(budgetTakings)
            .values([...takings])
            .onConflictDoNothing();
    }

    /**
     * What a reward had taken, it had taken from every budget of its asset: it is there to take again. Below zero it
     * is taken once more (a refund was undone): what was promised is kept, even where others took it meanwhile.
     */
    async giveBack(returns: readonly BudgetReturn[]): Promise<void> {
        if (returns.length === 0) return;
        const columns = { evaluationId: "uuid", asset: "text", amount: "numeric" } as const;
        await this.db.current.execute(sql`
            with returned as (
                select "evaluationId", asset, sum(amount) as amount
                from ${unnest(returns, columns)} group by "evaluationId", asset
            ), left_over as (
                update ${budgetTakings} taking
                set amount = greatest(taking.amount - returned.amount, 0)
                from returned, ${budgetTakings} before
                where taking.evaluation_id = returned."evaluationId" and taking.asset = returned.asset
                    and before.evaluation_id = taking.evaluation_id and before.name = taking.name
                returning taking.campaign_id, taking.name, taking.window_starts_at,
                    before.amount - taking.amount as amount
            )
            update ${campaignBudgets} budget set used = budget.used - freed.amount,
                "limit" = greatest(budget."limit", budget.used - freed.amount)
            from (
                select campaign_id, name, window_starts_at, sum(amount) as amount
                from left_over group by campaign_id, name, window_starts_at
            ) freed
            where budget.campaign_id = freed.campaign_id and budget.name = freed.name
                and budget.window_starts_at = freed.window_starts_at`);
    }

    /** A changed limit counts from now on; what was taken already is not taken back. */
    async setLimit({ limit, ...key }: Omit<CampaignBudget, "used">): Promise<void> {
        await this.db.current
            .update(campaignBudgets)
            .set({ limit: sql`greatest(${limit}, ${campaignBudgets.used})` })
            .where(
                and(
                    eq(campaignBudgets.campaignId, key.campaignId),
                    eq(campaignBudgets.name, key.name),
                    eq(campaignBudgets.windowStartsAt, key.windowStartsAt)
                )
            );
    }

    async delete(campaignId: CampaignId): Promise<void> {
        await this.db.current
            .delete(campaignBudgets)
            .where(and(eq(campaignBudgets.campaignId, campaignId), lte(campaignBudgets.used, 0n)));
    }
}
