import { and, eq, gte, sql } from "drizzle-orm";
import { interactions } from "@/domain/campaign/db/schema";
import { rewards } from "@/domain/rewards/db/schema";
import type { Database } from "@/infrastructure/persistence/Database";
import type { CampaignId, MerchantId } from "@/utils/ids";

type Query = {
    merchantId: MerchantId;
    /** Only what this one paid; else what all of the merchant's did. */
    campaignId: CampaignId | undefined;
    trigger: (typeof interactions.$inferSelect)["trigger"];
    since: Date;
};
/** What was owed in one asset when it was decided, in its base units. */
export type ActualSum = {
    asset: (typeof rewards.$inferSelect)["asset"];
    currency: string | null;
    amount: bigint;
};

/** What really came of what happened since then, as it was decided: refunds of later are not looked at. */
export class ActualRewardRepository {
    constructor(private readonly db: Database) {}

    async sumsOf({ merchantId, campaignId, trigger, since }: Query): Promise<ActualSum[]> {
        return this.db.current
            .select({
                asset: rewards.asset,
                currency: rewards.currency,
                amount: sql`sum(${rewards.originalAmount})`.mapWith(BigInt),
            })
            .from(rewards)
            .innerJoin(interactions, eq(interactions.id, rewards.interactionId))
            .where(
                and(
                    eq(interactions.merchantId, merchantId),
                    eq(interactions.trigger, trigger),
                    gte(interactions.occurredAt, since),
                    campaignId ? eq(rewards.campaignId, campaignId) : undefined
                )
            )
            .groupBy(rewards.asset, rewards.currency);
    }
}
