import { scaled } from "@/utils/decimal";
import type { Currency } from "@/utils/money";
import { remembered } from "@/utils/remembered";
import { decimalsOf } from "./amounts";
import type { BudgetTaking, DueReward } from "./decision";
import type { AssetKind, Budget, Definition } from "./definition";
import type { Facts, Standing } from "./facts";
import { defaultKind } from "./limiting";
import type { BudgetTrace } from "./trace";

export type Budgeted = {
    ending: "rewarded" | "budgetExhausted" | "queued";
    taken: BudgetTaking[];
    /** Those in which there is not enough left. */
    short: string[];
    traces: () => BudgetTrace[];
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
    const budgets = (definition.budget ?? []).map((one) => ({
        ...one,
        kind: one.asset ?? defaultKind(definition),
        limitIn: remembered((decimals: number) => budgetLimit(one, definition, decimals)),
    }));
    const canQueue = budgets.some(({ onExhausted }) => onExhausted === "queue");
    return (rewards, facts, standing) => {
        const asked = askedOf(budgets, rewards, { facts, standing });
        const mustWait = canQueue && standing.isQueueing;
        const short = asked.filter((one) => need(one) > one.limit - one.before);
        const ending = endingOf(short, asked.length > 0 && mustWait);
        return {
            ending,
            taken: asked.map(({ name, need }) => ({ name, amount: need as bigint })),
            short: short.map(({ name }) => name),
            traces: () => asked.map((one) => budgetTrace(one, ending === "rewarded")),
        };
    };
}

type Ready = Budget & Counted & { limitIn: (decimals: number) => bigint };
type Asked = Pick<Budget, "name" | "onExhausted"> & {
    limit: bigint;
    own: bigint;
    need: Need;
    before: bigint;
};

/** What rewards would take from each budget that they concern. */
function askedOf(
    budgets: readonly Ready[],
    rewards: readonly DueReward[],
    { facts, standing }: { facts: Facts; standing: Standing }
): Asked[] {
    const asked: Asked[] = [];
    for (const budget of budgets) {
        const need = needOf(budget, rewards);
        if (need === 0n) continue;
        const { name, onExhausted, limitIn } = budget;
        const own = limitIn(facts.asset.decimals);
        const limit = standing.limits.get(name) ?? own;
        const before = standing.budgets.get(name) ?? 0n;
        asked.push({ name, onExhausted, limit, own, need, before });
    }
    return asked;
}

/** A discount in another currency than the budget's is more than the budget can ever hold. */
type Need = bigint | "foreign";

const need = ({ need: amount, limit }: Asked): bigint =>
    amount === "foreign" ? limit + 1n : amount;

function budgetTrace({ name, before, need, limit, own }: Asked, isTaken: boolean): BudgetTrace {
    const taken = isTaken ? (need as bigint) : 0n;
    return {
        name,
        before: `${before}`,
        taken: `${taken}`,
        after: `${before + taken}`,
        ...(limit !== own && { limit: `${limit}` }),
    };
}

function endingOf(short: readonly Asked[], mustWait: boolean): Budgeted["ending"] {
    const isLost = short.some((one) => one.onExhausted === "skip" || need(one) > one.limit);
    if (isLost) return "budgetExhausted";
    return short.length > 0 || mustWait ? "queued" : "rewarded";
}

type Counted = { kind: AssetKind; currency?: string | undefined };

function needOf({ kind, currency }: Counted, rewards: readonly DueReward[]): Need {
    let sum = 0n;
    for (const reward of rewards) {
        if (reward.kind !== kind) continue;
        if (kind === "discount" && reward.currency !== currency) return "foreign";
        sum += reward.amount;
    }
    return sum;
}
