import { describe, expect, test } from "vitest";
import { assertDefinition } from "@/domain/campaign/services/assertDefinition";
import type { DomainError } from "@/utils/errors";
import type { Asset } from "@/utils/money";
import { bringAFriend } from "../../../fixtures/story/Merchant";

const tea: Asset = { address: `0x${"a1".repeat(20)}`, symbol: "TEA", decimals: 6 };
const condition = { field: "purchase.total", op: "gte", value: "20.00" };
const fixed = (amount: unknown, currency?: string) => ({
    fixed: { amount, ...(currency ? { currency } : {}) },
});
const percent = (changes: object) => ({ percent: { of: "total", percent: "5", ...changes } });
const reward = (changes: object) => ({
    recipient: "user",
    asset: "token",
    amount: fixed("2.00"),
    ...changes,
});
const budget = (changes: object) => ({
    name: "total",
    window: "total",
    amount: "10",
    onExhausted: "skip",
    ...changes,
});
const nested = (depth: number): object => (depth === 0 ? condition : { all: [nested(depth - 1)] });

/** What is said of a definition that is Ada's but for this change: `path: message`. */
function saidOf(change: object): string[] {
    try {
        assertDefinition({ ...bringAFriend, ...change }, tea);
        return [];
    } catch (error) {
        expect(error).toMatchObject({ code: "INVALID_REQUEST", kind: "invalid" });
        const { details = [] } = error as DomainError;
        return details.map(({ path, message }) => `${path}: ${message}`);
    }
}
const pathsOf = (change: object) => saidOf(change).map((line) => line.split(":")[0]);

describe("a definition", () => {
    test.each<[string, object]>([
        ["Ada's", {}],
        ["without conditions", { conditions: undefined }],
        ["without a budget", { budget: undefined }],
        ["with 50 conditions", { conditions: { all: Array(50).fill(condition) } }],
        ["nested five deep", { conditions: nested(5) }],
        ["with 20 rewards", { rewards: Array(20).fill(reward({})) }],
        ["with all of the price", { rewards: [reward({ amount: percent({ percent: "100" }) })] }],
        [
            "with a millionth of a percent",
            { rewards: [reward({ amount: percent({ percent: "0.000001" }) })] },
        ],
        [
            "with equal bounds",
            { rewards: [reward({ amount: percent({ min: "2", max: "2.00" }) })] },
        ],
        ["with the smallest unit", { rewards: [reward({ amount: fixed("0.000001") })] }],
        [
            "in euros to the thousandth",
            { rewards: [reward({ amount: fixed("0.0000001", "EUR") })] },
        ],
        ["locked up for 150 days", { lockupSeconds: 150 * 86_400 }],
        ["with a window of a year", { attribution: { model: "lastReferral", windowDays: 365 } }],
    ])("%s is taken", (_, change) => {
        expect(saidOf(change)).toEqual([]);
    });

    test("that is none is refused whole", () => {
        for (const value of [undefined, null, "tea", 5, []]) {
            expect(() => assertDefinition(value, tea)).toThrow(
                expect.objectContaining({
                    details: [expect.objectContaining({ path: "definition" })],
                })
            );
        }
    });
});

describe("is refused at", () => {
    test.each<[string, object]>([
        ["trigger", { trigger: "birthday" }],
        ["rewards", { rewards: [] }],
        ["rewards", { rewards: undefined }],
        ["rewards", { rewards: Array(21).fill(reward({})) }],
        ["limits", { limits: { perUser: { count: 1 } } }],
        ["rewards.1.recipient", { rewards: [reward({}), reward({ recipient: "everybody" })] }],
        ["rewards.0.asset", { rewards: [reward({ asset: "points" })] }],
        ["rewards.0.chaining", { rewards: [reward({ chaining: {} })] }],
        ["lockupSeconds", { lockupSeconds: -1 }],
        ["lockupSeconds", { lockupSeconds: 150 * 86_400 + 1 }],
        ["lockupSeconds", { lockupSeconds: 1.5 }],
        ["expireAfterDays", { expireAfterDays: 0 }],
        ["expireAfterDays", { expireAfterDays: 3_651 }],
        ["attribution.windowDays", { attribution: { model: "lastReferral", windowDays: 0 } }],
        ["attribution.windowDays", { attribution: { model: "lastReferral", windowDays: 366 } }],
        ["attribution.model", { attribution: { model: "astrology", windowDays: 30 } }],
    ])("%s", (path, change) => {
        expect(pathsOf(change)).toEqual([`definition.${path}`]);
    });

    test.each<[unknown, string | undefined]>([
        [5, undefined],
        ["-5", undefined],
        ["1e3", undefined],
        ["five", undefined],
        ["", undefined],
        ["9".repeat(31), undefined],
        ["0", undefined],
        ["0.00", "EUR"],
        ["0.0000001", undefined],
    ])("rewards.0.amount.fixed.amount, when that is %j %s", (amount, currency) => {
        const rewards = [reward({ amount: fixed(amount, currency) })];
        expect([...new Set(pathsOf({ rewards }))]).toEqual([
            "definition.rewards.0.amount.fixed.amount",
        ]);
    });

    test.each(["eur", "EURO", "XYZ"])(
        "rewards.0.amount.fixed.currency, when that is %s",
        (currency) => {
            const rewards = [reward({ amount: fixed("5", currency) })];
            expect(pathsOf({ rewards })).toEqual(["definition.rewards.0.amount.fixed.currency"]);
        }
    );

    test.each<[string, object]>([
        ["percent", { percent: "0" }],
        ["percent", { percent: "00.000" }],
        ["percent", { percent: "-5" }],
        ["percent", { percent: "100.000001" }],
        ["percent", { percent: "101" }],
        ["percent", { percent: "5%" }],
        ["percent", { percent: 5 }],
        ["percent", { percent: "0.0000001" }],
        ["of", { of: "shipping" }],
        ["min", { min: "-1" }],
        ["min", { min: "0.0000001" }],
        ["max", { max: "0.0000001" }],
        ["min", { min: "2.000001", max: "2" }],
        ["minimum", { minimum: "2" }],
    ])("rewards.0.amount.percent.%s, when the rule is %j", (path, change) => {
        const rewards = [reward({ amount: percent(change) })];
        expect(pathsOf({ rewards })).toEqual([`definition.rewards.0.amount.percent.${path}`]);
    });

    test.each<[string, object]>([
        ["all.0.field", { all: [{ ...condition, field: "purchase.mood" }] }],
        ["any.1.op", { any: [condition, { ...condition, op: "in" }] }],
        ["none.0.value", { none: [{ ...condition, value: 20 }] }],
        ["none.0.value", { none: [{ ...condition, value: "-20" }] }],
        ["all.0.currency", { all: [{ ...condition, currency: "euro" }] }],
        [
            "all.0.any.1.currency",
            { all: [{ any: [condition, { ...condition, currency: "XYZ" }] }] },
        ],
        ["all.0.all.0.field", { all: [{ all: [{ ...condition, field: "tea" }] }] }],
        ["all", { all: [] }],
        ["all", { all: Array(51).fill(condition) }],
        ["", { any: [{ all: Array(26).fill(condition) }, { all: Array(25).fill(condition) }] }],
        ["", nested(6)],
    ])("conditions.%s", (path, conditions) => {
        expect(pathsOf({ conditions })).toEqual([`definition.conditions${path && `.${path}`}`]);
    });

    test.each<[string, object]>([
        ["name", { name: "" }],
        ["name", { name: "n".repeat(51) }],
        ["name", { name: "<b>" }],
        ["window", { window: "fortnight" }],
        ["onExhausted", { onExhausted: "panic" }],
        ["amount", { amount: "0" }],
        ["amount", { amount: "0.0000001" }],
        ["amount", { amount: 10 }],
    ])("budget.0.%s, when the budget is %j", (path, change) => {
        expect([...new Set(pathsOf({ budget: [budget(change)] }))]).toEqual([
            `definition.budget.0.${path}`,
        ]);
    });

    test("budget, when there are two or none", () => {
        expect(pathsOf({ budget: [budget({}), budget({ name: "other" })] })).toEqual([
            "definition.budget",
        ]);
        expect(pathsOf({ budget: [] })).toEqual(["definition.budget"]);
    });
});

test("every field that is wrong is named, with what is wrong about it", () => {
    const change = {
        rewards: [
            reward({ amount: fixed("0.0000001") }),
            reward({ amount: percent({ min: "3", max: "2" }) }),
            reward({ amount: fixed("5", "XYZ") }),
        ],
        budget: [budget({ amount: "0.00" })],
    };
    expect(saidOf(change)).toEqual([
        "definition.rewards.0.amount.fixed.amount: TEA has 6 decimals",
        "definition.rewards.0.amount.fixed.amount: Must be more than 0",
        "definition.rewards.1.amount.percent.min: More than max",
        "definition.rewards.2.amount.fixed.currency: Not a currency of ISO 4217",
        "definition.budget.0.amount: Must be more than 0",
    ]);
});

test("an asset of 18 decimals takes 18 decimals", () => {
    const definition = {
        ...bringAFriend,
        rewards: [reward({ amount: fixed("0.000000000000000001") })],
    };
    expect(() => assertDefinition(definition, { ...tea, decimals: 18 })).not.toThrow();
});
