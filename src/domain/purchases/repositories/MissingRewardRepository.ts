import { and, desc, eq, lt } from "drizzle-orm";
import type { Database } from "@/infrastructure/persistence/Database";
import type { GroupId, MerchantId, MissingRewardId } from "@/utils/ids";
import {
    type MissingReward,
    type MissingRewardDecision,
    missingRewardDecisions,
    missingRewards,
} from "../db/schema";
import type { Whose } from "./BuyerRepository";

type PageQuery = { limit: number; before: string | undefined };

export class MissingRewardRepository {
    constructor(private readonly db: Database) {}

    /** Of what somebody asks twice the first is kept; says which it is. */
    async open(row: MissingReward): Promise<MissingReward> {
        const [added] = await this.db.current
            .insert(missingRewards)
            .values(row)
            .onConflictDoNothing()
            .returning();
        if (added) return added;
        const [known] = await this.db.current
            .select()
            .from(missingRewards)
            .where(
                and(
                    eq(missingRewards.merchantId, row.merchantId),
                    eq(missingRewards.groupId, row.groupId),
                    eq(missingRewards.orderId, row.orderId),
                    eq(missingRewards.status, "open")
                )
            );
        return known ?? row;
    }

    async find(id: MissingRewardId): Promise<MissingReward | undefined> {
        const [found] = await this.db.current
            .select()
            .from(missingRewards)
            .where(eq(missingRewards.id, id));
        return found;
    }

    /** Ours until the transaction ends. */
    async lock(merchantId: MerchantId, id: MissingRewardId): Promise<MissingReward | undefined> {
        const [found] = await this.db.current
            .select()
            .from(missingRewards)
            .where(and(eq(missingRewards.id, id), eq(missingRewards.merchantId, merchantId)))
            .for("update");
        return found;
    }

    async answer(
        { id, status, reason, purchaseId, answeredAt }: MissingReward,
        decision: MissingRewardDecision
    ): Promise<void> {
        await this.db.current
            .update(missingRewards)
            .set({ status, reason, purchaseId, answeredAt })
            .where(eq(missingRewards.id, id));
        await this.db.current.insert(missingRewardDecisions).values(decision);
    }

    async findOfMerchant(
        merchantId: MerchantId,
        { limit, before, status }: PageQuery & { status: MissingReward["status"] | undefined }
    ): Promise<MissingReward[]> {
        return this.db.current
            .select()
            .from(missingRewards)
            .where(
                and(
                    eq(missingRewards.merchantId, merchantId),
                    before ? lt(missingRewards.id, before as MissingRewardId) : undefined,
                    status ? eq(missingRewards.status, status) : undefined
                )
            )
            .orderBy(desc(missingRewards.id))
            .limit(limit);
    }

    async findOfGroup(groupId: GroupId, { limit, before }: PageQuery): Promise<MissingReward[]> {
        const older = before ? lt(missingRewards.id, before as MissingRewardId) : undefined;
        return this.db.current
            .select()
            .from(missingRewards)
            .where(and(eq(missingRewards.groupId, groupId), older))
            .orderBy(desc(missingRewards.id))
            .limit(limit);
    }

    /** What both asked is asked once: of two open ones for an order the winner's stays. */
    /** What they wrote about it goes. */
    async erase({ groupId, merchantId }: Whose): Promise<void> {
        const isThere = merchantId ? eq(missingRewards.merchantId, merchantId) : undefined;
        await this.db.current
            .update(missingRewards)
            .set({ note: null })
            .where(and(eq(missingRewards.groupId, groupId), isThere));
    }

    async reassign(from: GroupId, into: GroupId): Promise<void> {
        const theirs = await this.db.current
            .select()
            .from(missingRewards)
            .where(and(eq(missingRewards.groupId, into), eq(missingRewards.status, "open")));
        for (const { merchantId, orderId } of theirs) {
            await this.db.current
                .update(missingRewards)
                .set({ status: "rejected", reason: "asked twice", answeredAt: new Date() })
                .where(
                    and(
                        eq(missingRewards.groupId, from),
                        eq(missingRewards.merchantId, merchantId),
                        eq(missingRewards.orderId, orderId),
                        eq(missingRewards.status, "open")
                    )
                );
        }
        await this.db.current
            .update(missingRewards)
            .set({ groupId: into })
            .where(eq(missingRewards.groupId, from));
    }
}
