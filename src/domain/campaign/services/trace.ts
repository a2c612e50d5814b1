import type { Static } from "@sinclair/typebox";
import type { CampaignId } from "@/utils/ids";
import { oneOf } from "@/utils/schema";

/** How an evaluation ended. All but `rewarded` say why nothing is owed (or, `queued`, not yet). */
export const Outcome = oneOf(
    "rewarded",
    "notMatched",
    "capped",
    "budgetExhausted",
    "queued",
    "holdout",
    "deferred",
    "selfReferral",
    "notConfirmed",
    "noReferrer",
    "testOrder"
);
export type Outcome = Static<typeof Outcome>;

/** Decided as if nothing had been paid yet, what comes to one of these depends on what was. */
export const mayPay: ReadonlySet<Outcome> = new Set([
    "rewarded",
    "queued",
    "capped",
    "budgetExhausted",
]);

export type ConditionTrace = {
    path: string;
    field: string;
    op: string;
    expected: string;
    /** Nothing where the value was missing. */
    actual: string | null;
    met: boolean;
};
/** `of` is whose cap it is: a person's group. */
export type LimitTrace = {
    name: string;
    of?: string;
    limit: string;
    before: string;
    taken: string;
    after: string;
};
/** The limit stands here where it was another than the version's own, which a newer one had changed. */
export type BudgetTrace = {
    name: string;
    before: string;
    taken: string;
    after: string;
    limit?: string;
};
export type PriceTrace = { currency: string; price: string; source: string; at: string };
export type AttributionTrace = {
    model: string;
    windowDays: number;
    shares: { touchpointId: string; referrer: { groupId: string } | null; share: string }[];
};
export type RewardTrace = {
    role: string;
    depth: number;
    groupId?: string;
    asset?: string;
    amount: string;
};
/** What was drawn for a `range`, and from which seed: anybody can draw it again. */
export type DrawTrace = { seed: string; draw: string };
/** Before an amount was rounded down, where that took something away. */
export type RoundingTrace = { role: string; depth: number; exact: string; paid: string };
export type StackingTrace = { rule: string; outrankedBy: CampaignId };

/** Why a campaign decided as it did. Amounts are whole units as text (minor units, base units). */
export type Trace = {
    conditions: ConditionTrace[];
    attribution: AttributionTrace;
    limits: LimitTrace[];
    budgets: BudgetTrace[];
    prices: PriceTrace[];
    rewards: RewardTrace[];
    draws: DrawTrace[];
    rounding: RoundingTrace[];
    /** Others were waiting for the budget's next window already. */
    queueing: true[];
    stacking: StackingTrace[];
};

/** One campaign's part of what was decided about an interaction; lists that are empty are left out. */
export type CampaignTrace = {
    campaignId: CampaignId;
    campaignVersion: number;
    /** How the campaign stood beside others then; absent in what was decided before it was kept. */
    rule?: "all" | "exclusive" | "best";
    outcome: Outcome;
    trace: Partial<Trace>;
};
