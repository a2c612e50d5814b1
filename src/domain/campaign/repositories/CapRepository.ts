import { eq, inArray, sql } from "drizzle-orm";
import type { Database } from "@/infrastructure/persistence/Database";
import { unnest } from "@/infrastructure/persistence/unnest";
import type { EvaluationId, GroupId } from "@/utils/ids";
import { type CampaignCap, type CapTakingRow, campaignCaps, capTakings } from "../db/schema";

export type CapKey = Omit<CampaignCap, "used">;

const keyColumns = {
    campaignId: "uuid",
    name: "text",
    groupId: "uuid",
    windowStartsAt: "timestamptz",
} as const;

export class CapRepository {
    constructor(private readonly db: Database) {}

    /** What was paid under each so far, made where there was nothing; ours until the transaction ends. */
    async lock(keys: readonly CapKey[]): Promise<CampaignCap[]> {
        if (keys.length === 0) return [];
        const { campaignId, name, groupId, windowStartsAt } = campaignCaps;
        await this.db.current.execute(sql`
            insert into ${campaignCaps} (campaign_id, name, group_id, window_starts_at)
            select distinct * from ${unnest(keys, keyColumns)} order by 1, 2, 3, 4
            on conflict do nothing`);
        return this.db.current
            .select()
            .from(campaignCaps)
            .where(
                sql`(${campaignId}, ${name}, ${groupId}, ${windowStartsAt})
                    in (select * from ${unnest(keys, keyColumns)})`
            )
            .orderBy(campaignId, name, groupId, windowStartsAt)
            .for("update");
    }

    async take(takings: readonly CapTakingRow[]): Promise<void> {
        if (takings.length === 0) return;
        const columns = {
            evaluationId: "uuid",
            ...keyColumns,
            amount: "numeric",
            rewards: "integer",
        } as const;
        await this.db.current.execute(sql`
            with kept as (
                insert into ${capTakings}
                    (evaluation_id, campaign_id, name, group_id, window_starts_at, amount, rewards)
                select * from ${unnest(takings, columns)}
                returning campaign_id, name, group_id, window_starts_at, amount
            )
            update ${campaignCaps} cap set used = cap.used + taken.amount
            from (
                select campaign_id, name, group_id, window_starts_at, sum(amount) as amount
                from kept group by campaign_id, name, group_id, window_starts_at
            ) taken
            where cap.campaign_id = taken.campaign_id and cap.name = taken.name
                and cap.group_id = taken.group_id and cap.window_starts_at = taken.window_starts_at`);
    }

    async findTakings(evaluationIds: readonly EvaluationId[]): Promise<CapTakingRow[]> {
        if (evaluationIds.length === 0) return [];
        return this.db.current
            .select()
            .from(capTakings)
            .where(inArray(capTakings.evaluationId, [...evaluationIds]));
    }

    /**
     * Has these evaluations take this and nothing else: the rest is there to take again. What was promised before
     * is kept, even where others took it meanwhile.
     */
    async replace(
        evaluationIds: readonly EvaluationId[],
        takings: readonly CapTakingRow[]
    ): Promise<void> {
        if (evaluationIds.length === 0) return;
        await this.db.current.execute(sql`
            with freed as (
                delete from ${capTakings} taking
                using ${unnest(
                    evaluationIds.map((id) => ({ id })),
                    { id: "uuid" }
                )}
                where taking.evaluation_id = input.id
                returning taking.campaign_id, taking.name, taking.group_id,
                    taking.window_starts_at, taking.amount
            )
            update ${campaignCaps} cap set used = greatest(cap.used - freed.amount, 0)
            from (
                select campaign_id, name, group_id, window_starts_at, sum(amount) as amount
                from freed group by campaign_id, name, group_id, window_starts_at
            ) freed
            where cap.campaign_id = freed.campaign_id and cap.name = freed.name
                and cap.group_id = freed.group_id and cap.window_starts_at = freed.window_starts_at`);
        await this.take(takings);
    }

    /** Whoever becomes one person has had what both had. */
    async reassign(from: GroupId, into: GroupId): Promise<void> {
        await this.db.current.execute(sql`
            with moved as (delete from ${campaignCaps} where group_id = ${from} returning *)
            insert into ${campaignCaps} as cap (campaign_id, name, group_id, window_starts_at, used)
            select campaign_id, name, ${into}, window_starts_at, used from moved
            on conflict (campaign_id, name, group_id, window_starts_at)
            do update set used = cap.used + excluded.used`);
        await this.db.current
            .update(capTakings)
            .set({ groupId: into })
            .where(eq(capTakings.groupId, from));
    }
}
