import type { Static } from "@sinclair/typebox";
import type { CampaignId } from "@/utils/ids";
import { oneOf } from "@/utils/schema";

/** How an evaluation ended. All but `rewarded` say why nothing is owed. */
export const Outcome = oneOf(
    "rewarded",
    "notMatched",
    "budgetExhausted",
    "deferred",
    "noReferrer",
    "testOrder"
);
export type Outcome = Static<typeof Outcome>;

export type ConditionTrace = {
    path: string;
    field: string;
    op: string;
    expected: string;
    actual: string | null;
    met: boolean;
};
export type BudgetTrace = { name: string; before: string; taken: string; after: string };
export type PriceTrace = { currency: string; price: string; source: string; at: string };
export type AttributionTrace = {
    model: string;
    windowDays: number;
    shares: { touchpointId: string; referrer: { groupId: string }; share: string }[];
};
export type RewardTrace = { role: string; depth: number; amount: string };

/** Why a campaign decided as it did. Amounts are whole units as text (minor units, base units). */
export type Trace = {
    conditions: ConditionTrace[];
    attribution: AttributionTrace;
    limits: never[];
    budgets: BudgetTrace[];
    prices: PriceTrace[];
    rewards: RewardTrace[];
};

/** One campaign's part of what was decided about an interaction; lists that are empty are left out. */
export type CampaignTrace = {
    campaignId: CampaignId;
    campaignVersion: number;
    outcome: Outcome;
    trace: Partial<Trace>;
};
