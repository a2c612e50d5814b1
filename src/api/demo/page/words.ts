import { decimalText } from "./amounts";
import type { Condition, Definition, Evaluation, RewardRule, Role } from "./shapes";

const fields: Record<string, string> = { "purchase.total": "the order's total" };
const comparisons: Record<string, string> = {
    eq: "exactly",
    neq: "anything but",
    gt: "more than",
    gte: "at least",
    lt: "less than",
    lte: "at most",
};
const people: Record<Role, string> = {
    referrer: "Ben, who recommended",
    referee: "Cleo, who bought",
    user: "Cleo, who bought",
};
const recipients: Record<Role, string> = {
    referrer: "Who recommends gets",
    referee: "Who comes and buys gets",
    user: "Who buys gets",
};
const outcomes: Record<string, string> = {
    rewarded: "Rewards are owed.",
    notMatched: "Nothing is owed: the order is not what the campaign asks for.",
    budgetExhausted: "Nothing is owed: the campaign's budget is used up.",
    noReferrer: "Nothing is owed: nobody brought the buyer.",
    testOrder: "Nothing is owed: this was a test order.",
};

/** A sentence of a decision, and whether it spoke for it, against it, or only tells. */
export type Reason = { text: string; met: boolean | undefined };
export type Token = { symbol: string; decimals: number };

/** What a campaign promises, in sentences. */
export function offerTexts({ conditions, rewards }: Definition, { symbol }: Token): string[] {
    const asked = (conditions?.all ?? []).map(
        ({ field, op, value }) => `If ${fieldText(field)} is ${opText(op)} ${value}.`
    );
    return [
        ...rewards.map((rule) => `${recipients[rule.recipient]} ${amountText(rule, symbol)}.`),
        ...asked,
    ];
}

function amountText({ amount }: RewardRule, symbol: string): string {
    if ("fixed" in amount) return `${amount.fixed.amount} ${amount.fixed.currency ?? symbol}`;
    const { percent, max } = amount.percent;
    return `${percent} % of the basket${max ? `, ${max} ${symbol} at most` : ""}`;
}

export const outcomeText = ({ outcome }: Evaluation): string => outcomes[outcome] ?? outcome;

/** Why it was decided so, from the decision's own trace. */
export function reasonsOf(evaluation: Evaluation, token: Token): Reason[] {
    const { conditions, attribution, prices, rewards, budgets } = evaluation;
    const amount = (text: string) => `${decimalText(text, token.decimals)} ${token.symbol}`;
    const told = (text: string): Reason => ({ text, met: undefined });
    return [
        ...conditions.map(conditionReason),
        attributionReason(attribution),
        ...prices.map(({ price, currency, source }) =>
            told(`Price used: 1 ${token.symbol} costs ${price} ${currency} (source: ${source}).`)
        ),
        ...rewards.map((reward) => told(`${people[reward.role]}: ${amount(reward.amount)}.`)),
        ...budgets.map(({ name, before, taken, after }) =>
            told(
                `Budget “${name}”: ${amount(before)} used before, ${amount(taken)} for this, ${amount(after)} used now.`
            )
        ),
    ];
}

function conditionReason({ field, op, expected, actual, met }: Condition): Reason {
    const is = `${capitalized(fieldText(field))} is ${actual ?? "unknown"}`;
    return { text: `${is}; asked for is ${opText(op)} ${expected}.`, met };
}

function attributionReason({ windowDays, shares }: Evaluation["attribution"]): Reason {
    const [first] = shares;
    if (!first) return { text: `Nobody's link led here in ${windowDays} days.`, met: false };
    const credit = first.share === "1" ? "all the credit is his" : `his share is ${first.share}`;
    const text = `Ben's link led Cleo here less than ${windowDays} days before; ${credit}.`;
    return { text, met: true };
}

const fieldText = (field: string): string => fields[field] ?? field;
const opText = (op: string): string => comparisons[op] ?? op;
const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
