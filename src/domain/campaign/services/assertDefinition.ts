import { decimalPlaces, scaled } from "@/utils/decimal";
import type { FieldProblem } from "@/utils/errors";
import { type Asset, isCurrency } from "@/utils/money";
import { assertShape, invalidRequest } from "@/utils/schema";
import { type ConditionNode, Definition, type RewardRule } from "./definition";

const maxConditions = 50;
const maxNesting = 5;

/** Refuses what could never be evaluated as it was meant, naming each faulty field. */
export function assertDefinition(value: unknown, asset: Asset): asserts value is Definition {
    assertShape(Definition, value, "definition");
    const definition = value as Definition;
    const problems = [
        ...conditionProblems(definition.conditions),
        ...definition.rewards.flatMap((rule, index) =>
            amountProblems(rule, asset, `definition.rewards.${index}.amount`)
        ),
        ...(definition.budget ?? []).flatMap(({ amount }, index) =>
            positiveProblems(amount, asset, `definition.budget.${index}.amount`)
        ),
    ];
    if (problems.length > 0) throw invalidRequest(problems);
}

function conditionProblems(root: ConditionNode | undefined): FieldProblem[] {
    if (!root) return [];
    const path = "definition.conditions";
    const { count, nesting } = sizeOf(root);
    return [
        ...currencyProblems(root, path),
        ...(count > maxConditions
            ? [{ path, message: `More than ${maxConditions} conditions` }]
            : []),
        ...(nesting > maxNesting ? [{ path, message: `Nested deeper than ${maxNesting}` }] : []),
    ];
}

function currencyProblems(node: ConditionNode, path: string): FieldProblem[] {
    if ("field" in node) return unknownCurrency(node.currency, `${path}.currency`);
    return Object.entries(node).flatMap(([name, nodes]) =>
        nodes.flatMap((one, index) => currencyProblems(one, `${path}.${name}.${index}`))
    );
}

const unknownCurrency = (code: string | undefined, path: string): FieldProblem[] =>
    code === undefined || isCurrency(code) ? [] : [{ path, message: "Not a currency of ISO 4217" }];

function sizeOf(node: ConditionNode): { count: number; nesting: number } {
    if ("field" in node) return { count: 1, nesting: 0 };
    const sizes = Object.values(node).flat().map(sizeOf);
    return {
        count: sizes.reduce((sum, { count }) => sum + count, 0),
        nesting: 1 + Math.max(...sizes.map(({ nesting }) => nesting)),
    };
}

function amountProblems({ amount }: RewardRule, asset: Asset, path: string): FieldProblem[] {
    if ("fixed" in amount) {
        const { fixed } = amount;
        const at = `${path}.fixed`;
        if (!fixed.currency) return positiveProblems(fixed.amount, asset, `${at}.amount`);
        return [
            ...unknownCurrency(fixed.currency, `${at}.currency`),
            ...(scaled(fixed.amount, 30) > 0n ? [] : [notPositive(`${at}.amount`)]),
        ];
    }
    const { min, max } = amount.percent;
    const bounds = { min, max };
    const problems = Object.entries(bounds).flatMap(([name, bound]) =>
        bound === undefined ? [] : precisionProblems(bound, asset, `${path}.percent.${name}`)
    );
    const isReversed = min !== undefined && max !== undefined && scaled(min, 30) > scaled(max, 30);
    return isReversed
        ? [...problems, { path: `${path}.percent.min`, message: "More than max" }]
        : problems;
}

function positiveProblems(amount: string, asset: Asset, path: string): FieldProblem[] {
    const problems = precisionProblems(amount, asset, path);
    return scaled(amount, asset.decimals) > 0n ? problems : [...problems, notPositive(path)];
}

function precisionProblems(amount: string, asset: Asset, path: string): FieldProblem[] {
    return decimalPlaces(amount) > asset.decimals
        ? [{ path, message: `${asset.symbol} has ${asset.decimals} decimals` }]
        : [];
}

const notPositive = (path: string): FieldProblem => ({ path, message: "Must be more than 0" });
