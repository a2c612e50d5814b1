import type { CampaignId, GroupId } from "@/utils/ids";
import type { Currency } from "@/utils/money";
import type { AssetKind, RewardRule } from "./definition";
import type { CapOf, VersionKey } from "./facts";
import type { Outcome, Trace } from "./trace";

/** Base units of the reward token, whole points, or minor units of the discount's currency. */
export type DueReward = {
    recipient: RewardRule["recipient"];
    groupId: GroupId;
    chainDepth: number;
    kind: AssetKind;
    currency?: Currency | undefined;
    amount: bigint;
};

/**
 * What a campaign decided: its outcome, why, whom it owes, and what that takes from budgets and caps. What is
 * `queued` is owed when the budget has room again: its caps are taken now, its budgets then.
 */
export type Decision = {
    outcome: Outcome;
    /** Absent where nobody asked why. */
    trace?: Trace;
    rewards: DueReward[];
    taken: BudgetTaking[];
    caps: CapTaking[];
    /** The limits and budgets that kept it from being paid, where some did. */
    held?: readonly string[];
    queued?: { rewards: DueReward[]; taken: BudgetTaking[] };
};

/** What a decision takes from a budget's current window, in base units of the budget's asset. */
export type BudgetTaking = { name: string; amount: bigint };

/** What a decision takes from a person's cap under one limit: times, or base units. */
export type CapTaking = CapOf & { amount: bigint };
/** `version` tells one version's draws and hold-outs from another's. */
export type Identity = { campaignId: CampaignId; version: VersionKey };
