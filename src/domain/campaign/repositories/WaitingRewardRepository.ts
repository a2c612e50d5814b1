import { and, asc, eq, inArray, sql } from "drizzle-orm";
import type { Database } from "@/infrastructure/persistence/Database";
import { unnest } from "@/infrastructure/persistence/unnest";
import type { CampaignId, EvaluationId, InteractionId } from "@/utils/ids";
import { type WaitingRow, waitingRewards } from "../db/schema";

export type NewWaiting = Omit<WaitingRow, "place" | "status" | "grantedAt">;

/** The line before a budget's next window. */
export class WaitingRewardRepository {
    constructor(private readonly db: Database) {}

    /** At the end of the line, in this order. */
    async insertAll(rows: readonly NewWaiting[]): Promise<void> {
        if (rows.length === 0) return;
        await this.db.current.execute(sql`
            insert into ${waitingRewards} (evaluation_id, interaction_id, purchase_id, merchant_id, campaign_id,
                campaign_version_id, rewards, taken, queued_at)
            select * from ${unnest(rows, {
                evaluationId: "uuid",
                interactionId: "uuid",
                purchaseId: "uuid",
                merchantId: "uuid",
                campaignId: "uuid",
                campaignVersionId: "uuid",
                rewards: "jsonb",
                taken: "jsonb",
                queuedAt: "timestamptz",
            })}`);
    }

    async findQueueing(campaignIds?: readonly CampaignId[]): Promise<CampaignId[]> {
        const ofThese = campaignIds && inArray(waitingRewards.campaignId, [...campaignIds]);
        const found = await this.db.current
            .selectDistinct({ campaignId: waitingRewards.campaignId })
            .from(waitingRewards)
            .where(and(eq(waitingRewards.status, "waiting"), ofThese));
        return found.map(({ campaignId }) => campaignId);
    }

    async findFirst(campaignId: CampaignId, limit: number): Promise<WaitingRow[]> {
        return this.first(campaignId).limit(limit);
    }

    /** Those of them that still wait; ours until the transaction ends. */
    async lock(ids: readonly EvaluationId[]): Promise<WaitingRow[]> {
        if (ids.length === 0) return [];
        return this.db.current
            .select()
            .from(waitingRewards)
            .where(
                and(
                    inArray(waitingRewards.evaluationId, [...ids]),
                    eq(waitingRewards.status, "waiting")
                )
            )
            .orderBy(asc(waitingRewards.place))
            .for("update");
    }

    async markGranted(ids: readonly EvaluationId[], grantedAt: Date): Promise<void> {
        if (ids.length === 0) return;
        await this.db.current
            .update(waitingRewards)
            .set({ status: "granted", grantedAt })
            .where(inArray(waitingRewards.evaluationId, [...ids]));
    }

    /** What waited for these interactions waits no more. */
    async voidOf(interactionIds: readonly InteractionId[]): Promise<void> {
        await this.change(interactionIds, { from: "waiting", to: "void" });
    }

    /** The inverse of `voidOf`. */
    async reviveOf(interactionIds: readonly InteractionId[]): Promise<void> {
        await this.change(interactionIds, { from: "void", to: "waiting" });
    }

    private async change(
        ids: readonly InteractionId[],
        { from, to }: Record<"from" | "to", WaitingRow["status"]>
    ): Promise<void> {
        if (ids.length === 0) return;
        await this.db.current
            .update(waitingRewards)
            .set({ status: to })
            .where(
                and(
                    inArray(waitingRewards.interactionId, [...ids]),
                    eq(waitingRewards.status, from)
                )
            );
    }

    private first(campaignId: CampaignId) {
        return this.db.current
            .select()
            .from(waitingRewards)
            .where(
                and(eq(waitingRewards.campaignId, campaignId), eq(waitingRewards.status, "waiting"))
            )
            .orderBy(asc(waitingRewards.place))
            .$dynamic();
    }
}
