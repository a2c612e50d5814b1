import { type Fraction, floor, fractionText, times } from "@/utils/fraction";
import type { GroupId } from "@/utils/ids";
import { type AmountOf, compileAmount, type Exact, type UsedPrices, type Working } from "./amounts";
import {
    type Attribute,
    type Attributed,
    attributionRule,
    attributionTrace,
    compileAttribution,
} from "./attributed";
import { compileAudience } from "./audience";
import { type Budgeter, compileBudgets } from "./budgeting";
import { compileConditions, type Predicate } from "./conditions";
import type { Decision, DueReward, Identity } from "./decision";
import type { AttributionRule, Definition, RewardRule } from "./definition";
import type { Facts, Standing } from "./facts";
import type { Scene } from "./fields";
import { isHeldOut } from "./holdout";
import { type Applied, compileLimits, type Limiter, limitTrace } from "./limiting";
import { sharedUp } from "./sharing";
import type { Outcome, Trace } from "./trace";

/** A definition as a function. No clock, no database: the same facts always give the same decision. */
export type Evaluator = {
    decide(facts: Facts, standing: Standing): Decision & { trace: Trace };
    /** The same decision without its reasons, for where only the amounts count. */
    outline(facts: Facts, standing: Standing): Decision;
};

type Plan = {
    definition: Definition;
    identity: Identity;
    rule: Required<AttributionRule>;
    attributed: (facts: Facts) => Attributed;
    meets: Predicate;
    isInAudience: Predicate;
    rules: readonly Rule[];
    limit: Limiter;
    budget: Budgeter;
};
type Rule = RewardRule & { amountOf: AmountOf };

export function compile(
    definition: Definition,
    identity: Identity,
    attribute: Attribute
): Evaluator {
    const rule = attributionRule(definition);
    const plan: Plan = {
        definition,
        identity,
        rule,
        attributed: compileAttribution(rule, attribute),
        meets: compileConditions(definition.conditions),
        isInAudience: compileAudience(definition.audience),
        rules: definition.rewards.map((one) => ({ ...one, amountOf: compileAmount(one) })),
        limit: compileLimits(definition),
        budget: compileBudgets(definition),
    };
    return {
        decide: (facts, standing) => {
            const trace = emptyTrace(rule);
            return { ...decide(plan, { facts, standing, trace }), trace };
        },
        outline: (facts, standing) => decide(plan, { facts, standing, trace: undefined }),
    };
}

type Case = { facts: Facts; standing: Standing; trace: Trace | undefined };

function decide(plan: Plan, one: Case): Decision {
    const { facts, trace } = one;
    if (facts.purchase?.isTest) return nothing("testOrder");
    if (facts.purchase && !facts.purchase.isConfirmed) return nothing("notConfirmed");
    const attributed = plan.attributed(facts);
    if (trace) trace.attribution = attributionTrace(plan.rule, attributed);
    const scene = sceneOf(plan, facts, attributed);
    const isMeant = plan.isInAudience(scene, trace?.conditions);
    if (!plan.meets(scene, trace?.conditions) || !isMeant) return nothing("notMatched");
    if (isLate(plan, facts)) return lateFor(trace);
    return pay(plan, one, { scene, attributed });
}

const nothing = (outcome: Outcome): Decision => ({ outcome, rewards: [], taken: [], caps: [] });

function sceneOf({ rule }: Plan, facts: Facts, { touch }: Attributed): Scene {
    const referrer = touch?.referrerGroupId && facts.people.get(touch.referrerGroupId);
    return { facts, model: rule.model, touch, referrer: referrer || undefined };
}

/** Whoever bought before, and whoever we do not know it of, is late for a first purchase. */
const isLate = ({ definition: { limits } }: Plan, { purchase }: Facts): boolean =>
    limits?.firstPurchaseOnly === true && purchase?.isFirst !== true;

function lateFor(trace: Trace | undefined): Decision {
    const first = { name: "firstPurchaseOnly", limit: "1", before: "1", taken: "0", after: "1" };
    trace?.limits.push(first);
    return { ...nothing("capped"), held: [first.name] };
}

type Seen = { scene: Scene; attributed: Attributed };

function pay(plan: Plan, { facts, standing, trace }: Case, seen: Seen): Decision {
    const owed = owedBy(plan, seen, trace);
    if (owed === "unpriced") return nothing("deferred");
    if (owed.length === 0) return nothing(whyNobody(plan.definition, seen.attributed));
    if (isHeldOut(plan.definition, plan.identity, facts.actor)) return nothing("holdout");
    const { rewards, caps, applied } = plan.limit(owed, facts, standing);
    if (rewards.length === 0) {
        trace?.limits.push(...applied.map(untaken).map(limitTrace));
        const usedUp = applied.filter(({ amount }) => amount === 0n);
        return { ...nothing("capped"), held: usedUp.map(({ name }) => name) };
    }
    const { ending, taken, short, traces } = plan.budget(rewards, facts, standing);
    const isLost = ending === "budgetExhausted";
    trace?.budgets.push(...traces());
    trace?.limits.push(...(isLost ? applied.map(untaken) : applied).map(limitTrace));
    if (isLost) return { ...nothing(ending), held: short };
    if (ending === "queued") {
        if (standing.isQueueing) trace?.queueing.push(true);
        return { ...nothing(ending), held: short, caps, queued: { rewards, taken } };
    }
    trace?.rewards.push(...rewards.map(rewardTrace));
    return { outcome: ending, rewards, taken, caps };
}

const untaken = (limit: Applied): Applied => ({ ...limit, amount: 0n });

const rewardTrace = ({ recipient, groupId, chainDepth, kind, currency, amount }: DueReward) => ({
    role: recipient,
    depth: chainDepth,
    groupId,
    asset: currency ? `${kind}:${currency}` : kind,
    amount: amount.toString(),
});

/** Without a referrer there is nobody to reward, unless a rule is for whoever acted: then it came to nothing. */
function whyNobody({ rewards }: Definition, { referrers, isSelfReferral }: Attributed): Outcome {
    const isForActor = rewards.some(({ recipient }) => recipient === "user");
    if (referrers.size > 0 || isForActor) return "notMatched";
    return isSelfReferral ? "selfReferral" : "noReferrer";
}

/** What everybody is owed, summed by who, as what and in what. */
function owedBy(
    { rules, identity }: Plan,
    { scene, attributed }: Seen,
    trace: Trace | undefined
): DueReward[] | "unpriced" {
    const used: UsedPrices = new Map();
    const owed = new Map<string, DueReward>();
    let isUnpriced = false;
    for (const [index, rule] of rules.entries()) {
        if (rule.recipient !== "user" && attributed.referrers.size === 0) continue;
        const seedOf = () => `${scene.facts.interactionId}:${identity.version}:${index}`;
        const working: Working = { scene, used, draws: trace?.draws ?? [], seedOf };
        const exact = rule.amountOf(working);
        if (exact === "unpriced") isUnpriced = true;
        else if (exact !== "none") add(owed, partsOf(rule, exact, { scene, attributed, trace }));
    }
    trace?.prices.push(...[...used].map(([currency, pinned]) => ({ currency, ...pinned })));
    return isUnpriced ? "unpriced" : [...owed.values()];
}

function add(owed: Map<string, DueReward>, parts: readonly DueReward[]): void {
    for (const part of parts) {
        if (part.amount === 0n) continue;
        const { recipient, groupId, chainDepth, kind, currency } = part;
        const key = `${recipient}:${groupId}:${chainDepth}:${kind}:${currency}`;
        const known = owed.get(key);
        owed.set(key, known ? { ...known, amount: known.amount + part.amount } : part);
    }
}

type Known = Exclude<Exact, string>;
type Split = Seen & { trace: Trace | undefined };

function partsOf(rule: Rule, exact: Known, split: Split): DueReward[] {
    const { scene, attributed, trace } = split;
    const { recipient, asset: kind } = rule;
    const { currency } = exact;
    const { actor } = scene.facts;
    if (recipient !== "referrer") {
        const amount = rounded(exact.units, recipient, trace);
        return [{ recipient, groupId: actor, chainDepth: 0, kind, currency, amount }];
    }
    return [...attributed.referrers].flatMap(([groupId, share]) => {
        const amount = rounded(times(exact.units, share), recipient, trace);
        return upFrom(rule, { amount, groupId, facts: scene.facts }).map((part) => ({
            ...part,
            kind,
            currency,
        }));
    });
}

type Start = { amount: bigint; groupId: GroupId; facts: Facts };

function upFrom({ chaining }: Rule, { amount, groupId, facts }: Start) {
    if (!chaining) return [{ recipient: "referrer" as const, groupId, chainDepth: 0, amount }];
    const members = [groupId, ...(facts.chains.get(groupId) ?? [])];
    const parts = sharedUp(amount, { members, actor: facts.actor, chaining });
    return parts.map(({ depth, ...part }) => ({ ...part, chainDepth: depth }));
}

/** Down to the base unit; the rest stays with the merchant. */
function rounded(exact: Fraction, role: string, trace: Trace | undefined): bigint {
    const paid = floor(exact);
    if (trace && paid * exact.denominator !== exact.numerator) {
        trace.rounding.push({ role, depth: 0, exact: fractionText(exact), paid: paid.toString() });
    }
    return paid;
}

const emptyTrace = ({ model, windowDays }: AttributionRule): Trace => ({
    conditions: [],
    attribution: { model, windowDays, shares: [] },
    limits: [],
    budgets: [],
    prices: [],
    rewards: [],
    draws: [],
    rounding: [],
    queueing: [],
    stacking: [],
});
