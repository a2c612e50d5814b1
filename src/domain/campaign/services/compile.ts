import { scaled } from "@/utils/decimal";
import type { GroupId } from "@/utils/ids";
import { days } from "@/utils/time";
import { amountOf, type UsedPrices } from "./amounts";
import { compileConditions } from "./conditions";
import type { Definition, RewardRule } from "./definition";
import type { Facts } from "./facts";
import type { AttributionTrace, ConditionTrace, Outcome, Trace } from "./trace";

export type DueReward = {
    recipient: RewardRule["recipient"];
    groupId: GroupId;
    chainDepth: number;
    amount: bigint;
};

/** What a campaign decided: its outcome, why, whom it owes, and what that takes from each budget. */
export type Decision = {
    outcome: Outcome;
    trace: Trace;
    rewards: DueReward[];
    taken: { name: string; amount: bigint }[];
};

/** A definition as a function. No clock, no database: the same facts always give the same decision. */
export type Evaluator = (facts: Facts) => Decision;

const defaultAttribution = { model: "lastReferral", windowDays: 30 } as const;

export function compile(definition: Definition): Evaluator {
    const meets = compileConditions(definition.conditions);
    const attribution = definition.attribution ?? defaultAttribution;

    return (facts) => {
        const referrer = referrerWithin(attribution.windowDays, facts);
        const trace = emptyTrace(attributionTrace(attribution, facts, referrer));
        if (facts.purchase.isTest) return nothing("testOrder", trace);
        if (!meets(facts, trace.conditions)) return nothing("notMatched", trace);
        return pay(definition, facts, { referrer, trace });
    };
}

type Matched = { referrer: GroupId | undefined; trace: Trace };

function pay(definition: Definition, facts: Facts, { referrer, trace }: Matched): Decision {
    const { rewards, used } = dueRewards(definition.rewards, facts, referrer);
    trace.prices = [...used].map(([currency, pinned]) => ({ currency, ...pinned }));
    if (rewards === "unpriced") return nothing("deferred", trace);
    if (rewards.length === 0) return nothing(whyNobody(definition, referrer), trace);
    return withinBudgets(definition, facts, { trace, rewards });
}

/** Without a referrer there is nobody to reward, unless a rule is for whoever acted: then it came to nothing. */
const whyNobody = ({ rewards }: Definition, referrer: GroupId | undefined): Outcome =>
    referrer || rewards.some(({ recipient }) => recipient === "user") ? "notMatched" : "noReferrer";

const nothing = (outcome: Outcome, trace: Trace): Decision => ({
    outcome,
    trace,
    rewards: [],
    taken: [],
});

/** Nobody refers themselves. */
function referrerWithin(
    windowDays: number,
    { actor, touch, occurredAt }: Facts
): GroupId | undefined {
    if (!touch || touch.referrerGroupId === actor) return undefined;
    const age = occurredAt.getTime() - touch.occurredAt.getTime();
    return age <= days(windowDays) ? touch.referrerGroupId : undefined;
}

type DueRewards = { rewards: DueReward[] | "unpriced"; used: UsedPrices };

function dueRewards(
    rules: readonly RewardRule[],
    facts: Facts,
    referrer: GroupId | undefined
): DueRewards {
    const used: UsedPrices = new Map();
    // A referee is somebody who was referred; `user` is whoever acted, referred or not.
    const people = { referrer, referee: referrer && facts.actor, user: facts.actor };
    const rewards = new Map<string, DueReward>();
    for (const rule of rules) {
        const groupId = people[rule.recipient];
        if (!groupId) continue;
        const amount = amountOf(rule, facts, used);
        if (amount === "unpriced") return { rewards: "unpriced", used };
        const sum = (rewards.get(rule.recipient)?.amount ?? 0n) + amount;
        if (sum > 0n) {
            const { recipient } = rule;
            rewards.set(recipient, { recipient, groupId, chainDepth: 0, amount: sum });
        }
    }
    return { rewards: [...rewards.values()], used };
}

type Owed = { trace: Trace; rewards: DueReward[] };

/** All of an evaluation is paid or none of it: a budget never stops in the middle of a sale. */
function withinBudgets(
    { budget = [] }: Definition,
    { asset, budgets }: Facts,
    { trace, rewards }: Owed
): Decision {
    const total = rewards.reduce((sum, { amount }) => sum + amount, 0n);
    const room = budget.map(({ name, amount }) => {
        const before = budgets.get(name) ?? 0n;
        return { name, before, isEnough: before + total <= scaled(amount, asset.decimals) };
    });
    const isEnough = room.every((one) => one.isEnough);
    const taken = isEnough ? total : 0n;
    trace.budgets = room.map(({ name, before }) => ({
        name,
        before: before.toString(),
        taken: taken.toString(),
        after: (before + taken).toString(),
    }));
    if (!isEnough) return nothing("budgetExhausted", trace);

    trace.rewards = rewards.map(({ recipient, chainDepth, amount }) => ({
        role: recipient,
        depth: chainDepth,
        amount: amount.toString(),
    }));
    const takenFrom = budget.map(({ name }) => ({ name, amount: total }));
    return { outcome: "rewarded", trace, rewards, taken: takenFrom };
}

const emptyTrace = (attribution: AttributionTrace): Trace => ({
    conditions: [] as ConditionTrace[],
    attribution,
    limits: [],
    budgets: [],
    prices: [],
    rewards: [],
});

function attributionTrace(
    { model, windowDays }: { model: string; windowDays: number },
    { touch }: Facts,
    referrer: GroupId | undefined
): AttributionTrace {
    if (!touch || !referrer) return { model, windowDays, shares: [] };
    const share = { touchpointId: touch.touchpointId, referrer: { groupId: referrer }, share: "1" };
    return { model, windowDays, shares: [share] };
}
