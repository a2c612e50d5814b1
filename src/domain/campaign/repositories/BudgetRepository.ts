import { asc, inArray, sql } from "drizzle-orm";
import type { Database } from "@/infrastructure/persistence/Database";
import { unnest } from "@/infrastructure/persistence/unnest";
import type { CampaignId } from "@/utils/ids";
import { type CampaignBudget, campaignBudgets } from "../db/schema";

export type BudgetMovement = { campaignId: CampaignId; name: string; amount: bigint };

export class BudgetRepository {
    constructor(private readonly db: Database) {}

    async open(budgets: readonly CampaignBudget[]): Promise<void> {
        if (budgets.length === 0) return;
        await this.db.current
            .insert(campaignBudgets)
            .values([...budgets])
            .onConflictDoNothing();
    }

    async findOf(campaignIds: readonly CampaignId[]): Promise<CampaignBudget[]> {
        return this.of(campaignIds);
    }

    /** Nobody else takes from these budgets until the transaction ends, so what is read is what there is. */
    async lock(campaignIds: readonly CampaignId[]): Promise<CampaignBudget[]> {
        return this.of(campaignIds).for("update");
    }

    /** Fails as a whole when one of them would go over its limit: the database refuses it. */
    async take(movements: readonly BudgetMovement[]): Promise<void> {
        if (movements.length === 0) return;
        await this.db.current.execute(sql`
            update ${campaignBudgets} budget set used = budget.used + taken.amount
            from (
                select "campaignId", name, sum(amount) as amount
                from ${unnest(movements, { campaignId: "uuid", name: "text", amount: "numeric" })}
                group by "campaignId", name
            ) taken
            where budget.campaign_id = taken."campaignId" and budget.name = taken.name`);
    }

    /** What a cancelled reward had taken, it had taken from every budget of its campaign. */
    async giveBack(returns: readonly Omit<BudgetMovement, "name">[]): Promise<void> {
        if (returns.length === 0) return;
        await this.db.current.execute(sql`
            update ${campaignBudgets} budget set used = budget.used - returned.amount
            from (
                select "campaignId", sum(amount) as amount
                from ${unnest(returns, { campaignId: "uuid", amount: "numeric" })}
                group by "campaignId"
            ) returned
            where budget.campaign_id = returned."campaignId"`);
    }

    private of(campaignIds: readonly CampaignId[]) {
        return this.db.current
            .select()
            .from(campaignBudgets)
            .where(inArray(campaignBudgets.campaignId, [...campaignIds]))
            .orderBy(asc(campaignBudgets.campaignId), asc(campaignBudgets.name))
            .$dynamic();
    }
}
