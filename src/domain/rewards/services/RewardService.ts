import type { Address } from "viem";
import { ConflictError, NotFoundError } from "@/utils/errors";
import type { EvaluationId, GroupId, MerchantId, RewardId } from "@/utils/ids";
import type { Clock } from "@/utils/time";
import type { Reward } from "../db/schema";
import type { LedgerRepository } from "../repositories/LedgerRepository";
import type { Moved } from "../repositories/moving";
import type { RewardLifeRepository } from "../repositories/RewardLifeRepository";
import type { NewReward, RewardRepository } from "../repositories/RewardRepository";
import type { Returned, RevisionService, RewardChange } from "./RevisionService";

export type Cancelled = Pick<Moved, "id" | "evaluationId" | "asset" | "amount">;
export type Payout = { merchantId: MerchantId; token: Address };

/** The states of rewards. Each change of one is in the books in the same transaction. */
export class RewardService {
    constructor(
        private readonly rewards: RewardRepository,
        private readonly life: RewardLifeRepository,
        private readonly revisions: RevisionService,
        private readonly ledger: LedgerRepository,
        private readonly newCode: () => string,
        private readonly clock: Clock
    ) {}

    /** Nobody else writes in these merchants' books until the transaction ends. Before budgets are locked. */
    async holdBooks(merchantIds: readonly MerchantId[]): Promise<void> {
        await this.ledger.hold([...new Set(merchantIds)]);
    }

    async grant(rewards: readonly NewReward[]): Promise<void> {
        const granted = rewards.map((reward) => ({
            part: 0,
            ordinal: 0,
            currency: null,
            asset: "token" as const,
            ...reward,
            code: reward.asset === "discount" ? this.newCode() : null,
        }));
        await this.rewards.insertAll(granted, this.clock.now());
    }

    /**
     * Takes one back, for good. Throws `REWARD_NOT_CANCELLABLE` when it is being paid, was paid, or is over; what
     * its campaign's budgets get back is returned.
     */
    async cancel(id: RewardId, reason: string): Promise<Cancelled> {
        const [cancelled] = await this.life.cancel([id], reason, this.clock.now());
        if (cancelled) return cancelled;
        throw new ConflictError(
            "REWARD_NOT_CANCELLABLE",
            "Only a reward that is not paid and not over can be cancelled"
        );
    }

    /** Throws `REWARD_NOT_FOUND`. */
    async get(id: RewardId): Promise<Reward> {
        const found = await this.rewards.find(id);
        if (found) return found;
        throw new NotFoundError("REWARD_NOT_FOUND", "There is no such reward");
    }

    /**
     * The first part of each reward that these evaluations granted, in the order of their places. They are ours until
     * the transaction ends, and the books of these merchants and of who owes them.
     */
    async lockGranted(
        evaluationIds: readonly EvaluationId[],
        merchantIds: readonly MerchantId[]
    ): Promise<Reward[]> {
        const granted = await this.rewards.findGranted(evaluationIds);
        await this.revisions.lock(granted, merchantIds);
        return granted;
    }

    /** As `RevisionService.revise`: new amounts, and what budgets get back. */
    revise(changes: readonly RewardChange[]): Promise<Returned[]> {
        return this.revisions.revise(changes);
    }

    /** Points that were spent, discounts that were redeemed; those that were used before are left out of the answer. */
    async use(ids: readonly RewardId[]): Promise<RewardId[]> {
        const used = await this.life.use(ids, this.clock.now());
        return used.map(({ id }) => id);
    }

    /** Has everything available whose lock-up is over. */
    async releaseLocked(): Promise<void> {
        while (await this.life.releaseLocked(this.clock.now()));
    }

    /** Ends some of those whose time is over: none when there are none left. */
    async expire(): Promise<Cancelled[]> {
        return this.life.expire(this.clock.now());
    }

    /** Rewards whose owners are to be warned now that they will expire, each told of once per warning. */
    takeWarnings(limit: number): Promise<Reward[]> {
        return this.rewards.takeWarnings(this.clock.now(), limit);
    }

    async setMinimumPayout(payout: Payout, minimum: bigint): Promise<void> {
        await this.rewards.setMinimumPayout(payout, minimum);
    }

    /** Takes these back, but for what is being paid, was paid or is over; says which those were. */
    async cancelAll(ids: readonly RewardId[], reason: string): Promise<Cancelled[]> {
        return this.life.cancel(ids, reason, this.clock.now());
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
