import { scaled } from "@/utils/decimal";
import { type Currency, minorUnits, moneyText } from "@/utils/money";
import { remembered } from "@/utils/remembered";
import type { Condition, ConditionNode } from "./definition";
import {
    asDecimal,
    type Field,
    findField,
    isSpend,
    type Money,
    type Scene,
    valueText,
} from "./fields";
import { isMet, type Matcher } from "./matching";
import type { ConditionTrace } from "./trace";

/** Says whether the scene meets a condition. With a `trace`, looks at every condition and leaves its reasons there. */
export type Predicate = (scene: Scene, trace?: ConditionTrace[]) => boolean;

/** The same question twice: at once, and with reasons. */
type Judge = { test: Test; explain: (scene: Scene, trace: ConditionTrace[]) => boolean };
type Test = (scene: Scene) => boolean;

/** Conditions as one function. */
export function compileConditions(node: ConditionNode | undefined, at = ""): Predicate {
    if (!node) return () => true;
    const { test, explain } = compileNode(node, at);
    return (scene, trace) => (trace ? explain(scene, trace) : test(scene));
}

function compileNode(node: ConditionNode, path: string): Judge {
    if ("field" in node) return compileCondition(node, path);
    if ("all" in node) return allOf(compileNodes(node.all, `${path}all`));
    if ("any" in node) return anyOf(compileNodes(node.any, `${path}any`));
    const any = anyOf(compileNodes(node.none, `${path}none`));
    return {
        test: (scene) => !any.test(scene),
        explain: (scene, trace) => !any.explain(scene, trace),
    };
}

function compileNodes(nodes: readonly ConditionNode[], path: string): Judge[] {
    return nodes.map((node, index) =>
        compileNode(node, "field" in node ? `${path}[${index}]` : `${path}[${index}].`)
    );
}

function allOf(judges: readonly Judge[]): Judge {
    const tests = judges.map(({ test }) => test);
    return {
        test: (scene) => {
            for (const meets of tests) if (!meets(scene)) return false;
            return true;
        },
        explain: (scene, trace) => {
            let all = true;
            for (const { explain } of judges) if (!explain(scene, trace)) all = false;
            return all;
        },
    };
}

function anyOf(judges: readonly Judge[]): Judge {
    const tests = judges.map(({ test }) => test);
    return {
        test: (scene) => {
            for (const meets of tests) if (meets(scene)) return true;
            return false;
        },
        explain: (scene, trace) => {
            let any = false;
            for (const { explain } of judges) if (explain(scene, trace)) any = true;
            return any;
        },
    };
}

function compileCondition(condition: Condition, path: string): Judge {
    const field = findField(condition.field);
    if (!field) throw new Error(`A saved definition asks for ${condition.field}`);
    const test = field.sum ? testOrderSum(condition, field.sum) : testField(condition, field);
    const expectedIn = remembered((ofOrder: Currency | undefined) =>
        expectedText(condition, field.type, ofOrder)
    );
    const { op } = condition;
    return {
        test,
        explain: (scene, trace) => {
            const met = test(scene);
            const expected = expectedIn(scene.facts.purchase?.currency);
            const actual = actualText(condition, field, scene);
            trace.push({ path, field: condition.field, op, expected, actual, met });
            return met;
        },
    };
}

/** The commonest conditions, without anything made on the way. */
function testOrderSum(condition: Condition, sum: NonNullable<Field["sum"]>): Test {
    const expectedIn = moneyIn(condition);
    const met = isMet[condition.op] as unknown as Matcher<bigint>;
    const isPresence = condition.op === "exists" || condition.op === "notExists";
    if (isPresence)
        return ({ facts }) => (facts.purchase !== undefined) === (condition.op === "exists");
    return ({ facts: { purchase } }) => {
        if (!purchase) return false;
        const expected = expectedIn(purchase.currency);
        return expected !== undefined && met(purchase[sum], expected);
    };
}

/** What is missing meets nothing but `notExists`. */
function testField(condition: Condition, field: Field): Test {
    const { op } = condition;
    const { over, read } = field;
    if (op === "exists" || op === "notExists") {
        return (scene) => isThere(field, read(scene), condition) === (op === "exists");
    }
    const matches = matcherOf(condition, field);
    if (!over) {
        return (scene) => {
            const actual = read(scene);
            return actual !== undefined && actual !== null && matches(actual, scene);
        };
    }
    return (scene) => {
        const values = (read(scene) ?? []) as readonly unknown[];
        const meets = (value: unknown) =>
            value !== undefined && value !== null && matches(value, scene);
        return over === "any" ? values.some(meets) : values.length > 0 && values.every(meets);
    };
}

function isThere({ type }: Field, value: unknown, { currency }: Condition): boolean {
    if (value === undefined || value === null) return false;
    if (Array.isArray(value)) return value.some((one) => one !== undefined && one !== null);
    return type !== "money" || !isSpend(value) || (currency ?? value.currency) !== undefined;
}

type Matches = (actual: unknown, scene: Scene) => boolean;

const matchers: Record<Field["type"], (condition: Condition) => Matches> = {
    money: matchMoney,
    integer: matchInteger,
    units: matchUnits,
    text: matchPlain,
    date: matchPlain,
    boolean: matchPlain,
    texts: matchTexts,
    custom: matchCustom,
};
const matcherOf = (condition: Condition, { type }: Field): Matches => matchers[type](condition);

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

/**
 * What is expected, in minor units of the order's currency. An order in another currency than the condition
 * names has no value to compare.
 */
function moneyIn({ value, currency }: Condition): (of: Currency) => readonly bigint[] | undefined {
    const texts = listOf(value) as readonly string[];
    const known = new Map<Currency, readonly bigint[]>();
    let [last, lastUnits]: [Currency | undefined, readonly bigint[]] = [undefined, []];
    return (of) => {
        if (of === last) return lastUnits;
        if (currency !== undefined && currency !== of) return undefined;
        const units = known.get(of) ?? texts.map((text) => minorUnits(text, of));
        known.set(of, units);
        [last, lastUnits] = [of, units];
        return units;
    };
}

function matchMoney(condition: Condition): Matches {
    const expectedIn = moneyIn(condition);
    const met = isMet[condition.op] as unknown as Matcher<bigint>;
    return (actual) => {
        const money = moneyOf(actual, condition);
        const expected = money && expectedIn(money.currency);
        return expected !== undefined && money !== undefined && met(money.amount, expected);
    };
}

function moneyOf(actual: unknown, condition: Condition): Money | undefined {
    if (!isSpend(actual)) return actual as Money;
    const currency = (condition.currency as Currency | undefined) ?? actual.currency;
    return currency && { amount: actual.of.get(currency) ?? 0n, currency };
}

const sunday = 7;

function matchInteger({ field, op, value }: Condition): Matches {
    const isDay = field === "time.dayOfWeek";
    // Half of the world numbers Sunday 0.
    const expected = listOf(value).map((one) => (isDay && one === 0 ? sunday : (one as number)));
    const met = isMet[op] as unknown as Matcher<number>;
    return (actual) => met(actual as number, expected);
}

function matchUnits({ op, value }: Condition): Matches {
    const texts = listOf(value) as readonly string[];
    const met = isMet[op] as unknown as Matcher<bigint>;
    return (actual, { facts }) =>
        met(
            actual as bigint,
            texts.map((text) => scaled(text, facts.asset.decimals))
        );
}

function matchPlain({ op, value }: Condition): Matches {
    const expected = listOf(value) as readonly string[];
    const met = isMet[op] as unknown as Matcher<string>;
    return (actual) => met(actual as string, expected);
}

/** One of the texts is enough; for `notIn`, none of them may be. */
function matchTexts({ op, value }: Condition): Matches {
    const expected = listOf(value) as readonly string[];
    if (op === "contains") {
        return (actual) => (actual as readonly string[]).includes(expected[0] as string);
    }
    const met = isMet[op] as unknown as Matcher<string>;
    return (actual) => {
        const texts = actual as readonly string[];
        return op === "notIn"
            ? texts.every((text) => met(text, expected))
            : texts.some((text) => met(text, expected));
    };
}

/** Numbers are compared as numbers where both sides are, texts as texts. */
function matchCustom({ op, value }: Condition): Matches {
    const expected = listOf(value);
    const decimals = expected.map(asDecimal);
    const areDecimals = decimals.every((one) => one !== undefined);
    const metAsNumber = isMet[op] as unknown as Matcher<bigint>;
    const metAsText = isMet[op] as unknown as Matcher<unknown>;
    const isWritten = op === "contains" || op === "startsWith" || op === "endsWith";
    return (actual) => {
        if (op === "contains" && Array.isArray(actual)) return actual.includes(expected[0]);
        const number = areDecimals && !isWritten ? asDecimal(actual) : undefined;
        if (number !== undefined) return metAsNumber(number, decimals as readonly bigint[]);
        return typeof actual === typeof expected[0] && metAsText(actual, expected);
    };
}

function actualText(condition: Condition, { read, sum }: Field, scene: Scene): string | null {
    const { purchase, asset } = scene.facts;
    if (sum) {
        return purchase ? moneyText({ amount: purchase[sum], currency: purchase.currency }) : null;
    }
    const raw = read(scene);
    return valueText(isSpend(raw) ? moneyOf(raw, condition) : raw, asset.decimals);
}

function expectedText({ value, currency }: Condition, type: Field["type"], ofOrder?: Currency) {
    if (value === undefined) return "";
    const text = listOf(value).join(", ");
    const unit = currency ?? ofOrder;
    return type === "money" && unit ? `${text} ${unit}` : text;
}
