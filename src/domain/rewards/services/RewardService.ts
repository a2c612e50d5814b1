import type { Address } from "viem";
import type { GroupId, InteractionId } from "@/utils/ids";
import type { Cancelled, NewReward, RewardRepository } from "../repositories/RewardRepository";

export class RewardService {
    constructor(private readonly rewards: RewardRepository) {}

    async grant(rewards: readonly NewReward[]): Promise<void> {
        await this.rewards.insertAll(rewards);
    }

    /** Takes back what these interactions earned, except what is already on its way to the chain. */
    cancelOf(ids: readonly InteractionId[], reason: string): Promise<Cancelled[]> {
        return this.rewards.cancelUnsettled(ids, reason);
    }

    /** The interactions that a person was promised something for as who brought somebody. */
    findReferralsOf(groupId: GroupId): Promise<InteractionId[]> {
        return this.rewards.findReferralsOf(groupId);
    }

    /** Takes back what a person earned by bringing themselves, in interactions that are their own. */
    cancelSelfReferrals(groupId: GroupId, ids: readonly InteractionId[]): Promise<Cancelled[]> {
        return this.rewards.cancelSelfReferrals(groupId, ids);
    }

    /** The person has another wallet now: what is not on its way to the old one goes to this one. */
    async redirectTo(groupId: GroupId, wallet: Address): Promise<void> {
        await this.rewards.redirectTo(groupId, wallet);
    }

    /** The person has a wallet now: what they are owed can be paid. */
    async payTo(groupId: GroupId, wallet: Address): Promise<void> {
        await this.rewards.payTo(groupId, wallet);
    }
}
