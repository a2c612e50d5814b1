import { minorUnits, moneyText } from "@/utils/money";
import type { Condition, ConditionNode } from "./definition";
import type { Facts } from "./facts";
import type { ConditionTrace } from "./trace";

/** Says whether the facts meet a condition, and leaves its reasons in `trace`. */
export type Predicate = (facts: Facts, trace: ConditionTrace[]) => boolean;

const comparisons: Record<Condition["op"], (actual: bigint, expected: bigint) => boolean> = {
    eq: (actual, expected) => actual === expected,
    neq: (actual, expected) => actual !== expected,
    gt: (actual, expected) => actual > expected,
    gte: (actual, expected) => actual >= expected,
    lt: (actual, expected) => actual < expected,
    lte: (actual, expected) => actual <= expected,
};

/** Conditions as one function. Every condition is looked at, so that the trace is whole. */
export function compileConditions(node: ConditionNode | undefined): Predicate {
    return node ? compileNode(node, "") : () => true;
}

function compileNode(node: ConditionNode, path: string): Predicate {
    if ("field" in node) return compileCondition(node, path);
    if ("all" in node) return allOf(compileNodes(node.all, `${path}all`));
    if ("any" in node) return anyOf(compileNodes(node.any, `${path}any`));
    const any = anyOf(compileNodes(node.none, `${path}none`));
    return (facts, trace) => !any(facts, trace);
}

function compileNodes(nodes: readonly ConditionNode[], path: string): Predicate[] {
    return nodes.map((node, index) =>
        compileNode(node, "field" in node ? `${path}[${index}]` : `${path}[${index}].`)
    );
}

const allOf =
    (predicates: readonly Predicate[]): Predicate =>
    (facts, trace) =>
        predicates.map((meets) => meets(facts, trace)).every(Boolean);

const anyOf =
    (predicates: readonly Predicate[]): Predicate =>
    (facts, trace) =>
        predicates.map((meets) => meets(facts, trace)).some(Boolean);

/** An order in another currency than the condition names has no value to compare: not met. */
function compileCondition({ field, op, value, currency }: Condition, path: string): Predicate {
    const compare = comparisons[op];
    return ({ purchase }, trace) => {
        const isComparable = currency === undefined || currency === purchase.currency;
        const met = isComparable && compare(purchase.total, minorUnits(value, purchase.currency));
        trace.push({
            path,
            field,
            op,
            expected: `${value} ${currency ?? purchase.currency}`,
            actual: moneyText({ amount: purchase.total, currency: purchase.currency }),
            met,
        });
        return met;
    };
}
