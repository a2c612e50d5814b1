import { scaled } from "@/utils/decimal";
import type { Currency } from "@/utils/money";
import { decimalsOf } from "./amounts";
import type { BudgetTaking, DueReward } from "./decision";
import type { Budget, Definition } from "./definition";
import type { Facts, Standing } from "./facts";
import { defaultKind } from "./limiting";
import type { BudgetTrace } from "./trace";

export type Budgeted = {
    ending: "rewarded" | "budgetExhausted" | "queued";
    taken: BudgetTaking[];
    budgets: BudgetTrace[];
};
export type Budgeter = (
    rewards: readonly DueReward[],
    facts: Facts,
    standing: Standing
) => Budgeted;

/** A budget's limit in base units of its asset. */
export function budgetLimit(budget: Budget, definition: Definition, tokenDecimals: number): bigint {
    const kind = budget.asset ?? defaultKind(definition);
    const currency = budget.currency as Currency | undefined;
    return scaled(budget.amount, decimalsOf(kind, tokenDecimals, currency));
}

/**
 * Budgets as one function. All of an evaluation is paid or none of it: a budget never stops in the middle of a
 * sale. What could never fit is not queued, because it would hold up those behind it for ever.
 */
export function compileBudgets(definition: Definition): Budgeter {
    const { budget = [] } = definition;
    const canQueue = budget.some(({ onExhausted }) => onExhausted === "queue");
    return (rewards, facts, standing) => {
        const asked = budget.flatMap((one) => {
            const own = budgetLimit(one, definition, facts.asset.decimals);
            const limit = standing.limits.get(one.name) ?? own;
            const need = needOf(one, definition, rewards);
            const before = standing.budgets.get(one.name) ?? 0n;
            return need === 0n ? [] : [{ ...one, limit, own, need, before }];
        });
        const mustWait = canQueue && standing.isQueueing;
        const short = asked.filter((one) => need(one) > one.limit - one.before);
        const ending = endingOf(short, asked.length > 0 && mustWait);
        const taken = asked.map(({ name, need }) => ({ name, amount: need as bigint }));
        const budgets = asked.map((one) => budgetTrace(one, ending === "rewarded"));
        return { ending, taken, budgets };
    };
}

type Short = Budget & { limit: bigint; own: bigint; need: Need; before: bigint };
/** A discount in another currency than the budget's is more than the budget can ever hold. */
type Need = bigint | "foreign";

const need = ({ need: amount, limit }: Short): bigint =>
    amount === "foreign" ? limit + 1n : amount;

function budgetTrace({ name, before, need, limit, own }: Short, isTaken: boolean): BudgetTrace {
    const taken = isTaken ? (need as bigint) : 0n;
    return {
        name,
        before: `${before}`,
        taken: `${taken}`,
        after: `${before + taken}`,
        ...(limit !== own && { limit: `${limit}` }),
    };
}

function endingOf(short: readonly Short[], mustWait: boolean): Budgeted["ending"] {
    const isLost = short.some((one) => one.onExhausted === "skip" || need(one) > one.limit);
    if (isLost) return "budgetExhausted";
    return short.length > 0 || mustWait ? "queued" : "rewarded";
}

function needOf(budget: Budget, definition: Definition, rewards: readonly DueReward[]): Need {
    const kind = budget.asset ?? defaultKind(definition);
    const counted = rewards.filter((reward) => reward.kind === kind);
    const { currency } = budget;
    if (kind === "discount" && counted.some((one) => one.currency !== currency)) return "foreign";
    return counted.reduce((sum, { amount }) => sum + amount, 0n);
}
