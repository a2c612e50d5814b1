import { isPlainDecimal } from "@/utils/decimal";
import type { FieldProblem } from "@/utils/errors";
import { isCurrency } from "@/utils/money";
import type { Condition, ConditionNode, Operator } from "./definition";
import { asDecimal, type FieldType, findField, operatorsOf } from "./fields";

const maxConditions = 50;
const maxNesting = 5;
const maxListed = 100;
const maxText = 200;

/** What is wrong with conditions beyond their form: fields, operators that do not fit, values of another type. */
export function conditionProblems(root: ConditionNode | undefined, path: string): FieldProblem[] {
    if (!root) return [];
    const { count, nesting } = sizeOf(root);
    return [
        ...nodeProblems(root, path),
        ...(count > maxConditions
            ? [{ path, message: `More than ${maxConditions} conditions` }]
            : []),
        ...(nesting > maxNesting ? [{ path, message: `Nested deeper than ${maxNesting}` }] : []),
    ];
}

function sizeOf(node: ConditionNode): { count: number; nesting: number } {
    if ("field" in node) return { count: 1, nesting: 0 };
    const sizes = Object.values(node).flat().map(sizeOf);
    return {
        count: sizes.reduce((sum, { count }) => sum + count, 0),
        nesting: 1 + Math.max(...sizes.map(({ nesting }) => nesting)),
    };
}

function nodeProblems(node: ConditionNode, path: string): FieldProblem[] {
    if ("field" in node) return problemsOf(node, path);
    return Object.entries(node).flatMap(([name, nodes]) =>
        nodes.flatMap((one, index) => nodeProblems(one, `${path}.${name}.${index}`))
    );
}

function problemsOf(condition: Condition, path: string): FieldProblem[] {
    const field = findField(condition.field);
    if (!field) return [{ path: `${path}.field`, message: "There is no such field" }];
    const { type } = field;
    if (!operatorsOf[type].includes(condition.op)) {
        const fitting = operatorsOf[type].join(", ");
        return [{ path: `${path}.op`, message: `${condition.field} takes one of ${fitting}` }];
    }
    const fault = valueFault(condition, type);
    return [
        ...(fault ? [{ path: `${path}.value`, message: fault }] : []),
        ...currencyProblems(condition, type, `${path}.currency`),
    ];
}

function currencyProblems({ currency }: Condition, type: FieldType, path: string): FieldProblem[] {
    if (currency === undefined) return [];
    if (type !== "money") return [{ path, message: "Only money has a currency" }];
    return isCurrency(currency) ? [] : [{ path, message: "Not a currency of ISO 4217" }];
}

const lists = new Set<Operator>(["in", "notIn"]);
const valueless = new Set<Operator>(["exists", "notExists"]);

function valueFault({ op, value }: Condition, type: FieldType): string | undefined {
    const { is, what } = operandOf(type, op);
    if (valueless.has(op)) return value === undefined ? undefined : `${op} takes no value`;
    if (lists.has(op)) return listFault(value, { is, what });
    if (op === "between") return rangeFault(value, { is, what });
    return is(value) ? undefined : `Expected ${what}`;
}

type Operand = { is: (value: unknown) => boolean; what: string };

function listFault(value: unknown, { is, what }: Operand): string | undefined {
    const isList = Array.isArray(value) && value.length > 0 && value.length <= maxListed;
    return isList && value.every(is) ? undefined : `Expected a list of 1 to ${maxListed}: ${what}`;
}

function rangeFault(value: unknown, { is, what }: Operand): string | undefined {
    const isPair = Array.isArray(value) && value.length === 2 && value.every(is);
    if (!isPair) return `Expected two, the lower first: ${what}`;
    return isOrdered(value[0], value[1]) ? undefined : "The lower comes first";
}

function isOrdered(from: unknown, to: unknown): boolean {
    const [low, high] = [asDecimal(from), asDecimal(to)];
    if (low !== undefined && high !== undefined) return low <= high;
    return String(from) <= String(to);
}

const decimal: Operand = {
    is: (value) => typeof value === "string" && isPlainDecimal(value),
    what: "a plain decimal as text",
};
const text: Operand = {
    is: (value) => typeof value === "string" && value.length > 0 && value.length <= maxText,
    what: "text",
};
const operands: Record<FieldType, Operand> = {
    money: decimal,
    units: decimal,
    integer: { is: Number.isSafeInteger, what: "a whole number" },
    boolean: { is: (value) => typeof value === "boolean", what: "true or false" },
    date: { is: isDate, what: "a date like 2026-11-21" },
    text,
    texts: text,
    custom: {
        is: (value) =>
            text.is(value) || typeof value === "boolean" || asDecimal(value) !== undefined,
        what: "text, a plain number, true or false",
    },
};
const ordering = new Set<Operator>(["gt", "gte", "lt", "lte", "between"]);
const written = new Set<Operator>(["contains", "startsWith", "endsWith"]);

function operandOf(type: FieldType, op: Operator): Operand {
    if (type !== "custom") return operands[type];
    if (written.has(op)) return text;
    if (!ordering.has(op)) return operands.custom;
    return {
        is: (value) => text.is(value) || asDecimal(value) !== undefined,
        what: "text or a plain number",
    };
}

function isDate(value: unknown): boolean {
    if (typeof value !== "string" || !/^\d{4}-\d{2}-\d{2}$/.test(value)) return false;
    const at = new Date(`${value}T00:00:00Z`);
    return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(value);
}
