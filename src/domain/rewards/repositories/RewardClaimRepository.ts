import { and, desc, eq, inArray, isNotNull, isNull, lte, sql } from "drizzle-orm";
import type { Address, Hex } from "viem";
import type { Database } from "@/infrastructure/persistence/Database";
import type { GroupId, MerchantId } from "@/utils/ids";
import {
    payments,
    type RewardClaim,
    type RewardClaimId,
    type RewardStatus,
    rewardClaims,
    rewards,
} from "../db/schema";

export type Claimable = { merchantId: MerchantId; amount: bigint };

export class RewardClaimRepository {
    constructor(private readonly db: Database) {}

    /** The last claim of a person that is not done with. */
    async findOpen(groupId: GroupId, token: Address): Promise<RewardClaim | undefined> {
        const open = this.db.current
            .select({ claimId: rewards.claimId })
            .from(rewards)
            .where(
                and(
                    eq(rewards.groupId, groupId),
                    isNotNull(rewards.claimId),
                    inArray(rewards.status, ["available", "waitsForFunds", "settling"])
                )
            );
        const [found] = await this.db.current
            .select()
            .from(rewardClaims)
            .where(
                and(
                    eq(rewardClaims.groupId, groupId),
                    eq(rewardClaims.token, token),
                    inArray(rewardClaims.id, open)
                )
            )
            .orderBy(desc(rewardClaims.id))
            .limit(1);
        return found;
    }

    async find(id: RewardClaimId): Promise<RewardClaim | undefined> {
        const [found] = await this.db.current
            .select()
            .from(rewardClaims)
            .where(eq(rewardClaims.id, id));
        return found;
    }

    /** Where the rewards of a claim stand, and the transactions of their payments. */
    async findStates(id: RewardClaimId): Promise<{ status: RewardStatus; txHash: Hex | null }[]> {
        return this.db.current
            .selectDistinct({ status: rewards.status, txHash: payments.txHash })
            .from(rewards)
            .leftJoin(payments, eq(payments.id, rewards.paymentId))
            .where(eq(rewards.claimId, id));
    }

    async add(claim: RewardClaim): Promise<void> {
        await this.db.current.insert(rewardClaims).values(claim);
    }

    /** What a person has that can be paid and that no claim took yet becomes this claim's; per merchant, what. */
    async take(claim: Pick<RewardClaim, "id" | "groupId" | "token">): Promise<Claimable[]> {
        const taken = await this.db.current
            .update(rewards)
            .set({ claimId: claim.id, dueAt: sql`least(${rewards.dueAt}, now())` })
            .where(
                and(
                    eq(rewards.groupId, claim.groupId),
                    eq(rewards.token, claim.token),
                    eq(rewards.asset, "token"),
                    inArray(rewards.status, ["available", "waitsForFunds"]),
                    isNotNull(rewards.wallet),
                    isNull(rewards.claimId),
                    lte(rewards.availableAt, sql`now()`)
                )
            )
            .returning({ merchantId: rewards.merchantId, amount: rewards.amount });
        return taken;
    }

    async reassign(from: GroupId, into: GroupId): Promise<void> {
        await this.db.current
            .update(rewardClaims)
            .set({ groupId: into })
            .where(eq(rewardClaims.groupId, from));
    }
}
