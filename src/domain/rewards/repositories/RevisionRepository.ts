import { sql } from "drizzle-orm";
import type { Database } from "@/infrastructure/persistence/Database";
import { unnest } from "@/infrastructure/persistence/unnest";
import type { PurchaseId, RewardId } from "@/utils/ids";
import { type AdjustmentId, rewardAdjustments, rewards } from "../db/schema";

/** How much more (or, when negative, less) a reward owes from now on. */
export type Adjustment = {
    id: AdjustmentId;
    rewardId: RewardId;
    revision: string;
    change: bigint;
    reason: string;
    purchaseId: PurchaseId | null;
};

export class RevisionRepository {
    constructor(private readonly db: Database) {}

    /** Which of these causes were dealt with before, as `rewardId:revision`. */
    async findKnown(
        causes: readonly Pick<Adjustment, "rewardId" | "revision">[]
    ): Promise<Set<string>> {
        if (causes.length === 0) return new Set();
        const rows = await this.db.rows<{ cause: string }>(sql`
            select reward_id || ':' || revision as cause from ${rewardAdjustments}
            where (reward_id, revision) in (
                select "rewardId", revision from ${unnest(causes, { rewardId: "uuid", revision: "text" })})`);
        return new Set(rows.map(({ cause }) => cause));
    }

    /** Changes the amounts; what was still to be paid and is nothing any more is cancelled. */
    async apply(adjustments: readonly Adjustment[], at: Date): Promise<void> {
        if (adjustments.length === 0) return;
        const input = unnest(adjustments, {
            id: "uuid",
            rewardId: "uuid",
            revision: "text",
            change: "numeric",
            reason: "text",
            purchaseId: "uuid",
        });
        await this.db.rows(sql`
            with noted as (
                insert into ${rewardAdjustments}
                    (id, reward_id, revision, change, reason, purchase_id, created_at)
                select id, "rewardId", revision, change, reason, "purchaseId", ${at.toISOString()}::timestamptz
                from ${input}
            )
            update ${rewards} reward set amount = reward.amount + change,
                status = case when reward.amount + change = 0 and status in ('pending', 'available',
                    'waitsForFunds') then 'cancelled' else status end,
                reason = case when reward.amount + change = 0 and status in ('pending', 'available',
                    'waitsForFunds') then input.reason else reward.reason end
            from ${input} where reward.id = input."rewardId"`);
    }
}
