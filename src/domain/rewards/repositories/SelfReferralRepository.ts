import { and, eq, inArray, or, sql } from "drizzle-orm";
import type { Database } from "@/infrastructure/persistence/Database";
import type { GroupId, InteractionId, RewardId } from "@/utils/ids";
import { rewards } from "../db/schema";
import { unsettled } from "./RewardRepository";

/** Rewards of people who turn out to have brought themselves. */
export class SelfReferralRepository {
    constructor(private readonly db: Database) {}

    /** What a person was promised for bringing somebody, and what it was promised for. */
    async findReferralsOf(groupId: GroupId): Promise<InteractionId[]> {
        const found = await this.db.current
            .selectDistinct({ interactionId: rewards.interactionId })
            .from(rewards)
            .where(and(eq(rewards.groupId, groupId), eq(rewards.recipient, "referrer")));
        return found.map(({ interactionId }) => interactionId);
    }

    /**
     * Who turns out to have brought themselves is owed nothing for it, and neither for having been brought. What they
     * were owed in any case (`user`), and what is on its way to the chain, stays.
     */
    async findSelfReferrals(
        groupId: GroupId,
        interactionIds: readonly InteractionId[]
    ): Promise<RewardId[]> {
        if (interactionIds.length === 0) return [];
        const broughtThemselves = sql`exists (select from ${rewards} own
            where own.evaluation_id = ${rewards.evaluationId} and own.group_id = ${groupId}
                and own.recipient = 'referrer' and own.chain_depth = 0)`;
        const isForIt = or(
            eq(rewards.recipient, "referrer"),
            and(eq(rewards.recipient, "referee"), broughtThemselves)
        );
        const found = await this.db.current
            .select({ id: rewards.id })
            .from(rewards)
            .where(
                and(
                    inArray(rewards.interactionId, [...interactionIds]),
                    eq(rewards.groupId, groupId),
                    inArray(rewards.status, [...unsettled]),
                    isForIt
                )
            );
        return found.map(({ id }) => id);
    }
}
