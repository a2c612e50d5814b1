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
        [
            "with tiers that touch",
            {
                rewards: [
                    reward({
                        amount: {
                            tiered: {
                                field: "purchase.total",
                                tiers: [
                                    { from: "0", to: "50", fixed: "1" },
                                    { from: "50", percent: "5" },
                                ],
                            },
                        },
                    }),
                ],
            },
        ],
        ["of points", { rewards: [reward({ asset: "points", amount: fixed("5.00") })] }],
        [
            "with every operator",
            {
                conditions: {
                    all: [
                        { field: "purchase.total", op: "between", value: ["1", "2"] },
                        { field: "purchase.currency", op: "in", value: ["EUR"] },
                        { field: "purchase.discountCodes", op: "contains", value: "TEA" },
                        { field: "purchase.items.any.sku", op: "startsWith", value: "T" },
                        { field: "purchase.items.all.title", op: "endsWith", value: "a" },
                        { field: "user.isNew", op: "neq", value: false },
                        { field: "user.spend", op: "lt", value: "5", currency: "EUR" },
                        { field: "referrer.purchases", op: "lte", value: 3 },
                        { field: "user.rewards.amount", op: "gt", value: "1.5" },
                        { field: "time.date", op: "gte", value: "2026-11-21" },
                        { field: "time.dayOfWeek", op: "notIn", value: [6, 7] },
                        { field: "attribution.utm.source", op: "exists" },
                        { field: "custom.mood.today", op: "notExists" },
                        { field: "custom.level", op: "eq", value: 5 },
                    ],
                },
            },
        ],
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
        ["limits.perUser", { limits: { perUser: {} } }],
        ["limits.perUser.count", { limits: { perUser: { count: 0 } } }],
        ["limits.perReferrer.amount", { limits: { perReferrer: { amount: "0" } } }],
        ["limits.perUserPeriod.window", { limits: { perUserPeriod: { count: 1, window: 0 } } }],
        ["limits.perUserPeriod", { limits: { perUserPeriod: { window: "day" } } }],
        ["holdoutPercent", { holdoutPercent: "101" }],
        ["audience", { audience: "strangers" }],
        ["vibe", { vibe: "good" }],
        ["rewards.1.recipient", { rewards: [reward({}), reward({ recipient: "everybody" })] }],
        ["rewards.0.asset", { rewards: [reward({ asset: "gold" })] }],
        [
            "rewards.0.chaining",
            {
                rewards: [
                    reward({ chaining: { selfPercent: "0", decayPercent: "50", maxDepth: 3 } }),
                ],
            },
        ],
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
        ["any.1.value", { any: [condition, { ...condition, op: "in" }] }],
        ["all.0.op", { all: [{ ...condition, op: "contains" }] }],
        ["all.0.op", { all: [{ ...condition, op: "almost" }] }],
        ["all.0.value", { all: [{ ...condition, op: "between", value: ["30", "20"] }] }],
        ["all.0.value", { all: [{ ...condition, op: "exists" }] }],
        ["all.0.value", { all: [{ field: "time.date", op: "gt", value: "2026-02-30" }] }],
        ["all.0.value", { all: [{ field: "time.hour", op: "eq", value: 1.5 }] }],
        ["all.0.currency", { all: [{ field: "time.hour", op: "eq", value: 1, currency: "EUR" }] }],
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

    const tiered = (...tiers: object[]) => ({ tiered: { field: "purchase.total", tiers } });
    const range = (changes: object) => ({
        range: { base: "5", minFactor: "0.5", maxFactor: "2", ...changes },
    });
    const chaining = (changes: object) => ({
        recipient: "referrer",
        chaining: { selfPercent: "0", decayPercent: "50", maxDepth: 3, ...changes },
    });

    test.each<[string, object]>([
        [
            "amount.tiered.field",
            { amount: { tiered: { field: "tea", tiers: [{ from: "0", fixed: "1" }] } } },
        ],
        [
            "amount.tiered.tiers.1.from",
            { amount: tiered({ from: "0", to: "50", fixed: "1" }, { from: "49", fixed: "2" }) },
        ],
        [
            "amount.tiered.tiers.1.from",
            { amount: tiered({ from: "0", fixed: "1" }, { from: "50", fixed: "2" }) },
        ],
        ["amount.tiered.tiers.0.to", { amount: tiered({ from: "50", to: "50", fixed: "1" }) }],
        ["amount.tiered.tiers.0.percent", { amount: tiered({ from: "0", percent: "0" }) }],
        ["amount.tiered.tiers.0.fixed", { amount: tiered({ from: "0", fixed: "0" }) }],
        ["amount.range.minFactor", { amount: range({ minFactor: "3" }) }],
        ["amount.range.base", { amount: range({ base: "0" }) }],
        ["amount.range.maxFactor", { amount: range({ minFactor: "0", maxFactor: "0" }) }],
        ["chaining.decayPercent", chaining({ decayPercent: "101" })],
        ["chaining.decayPercent", chaining({ decayPercent: "-1" })],
        ["chaining.maxDepth", chaining({ maxDepth: 11 })],
        ["chaining.maxDepth", chaining({ maxDepth: 0 })],
        ["item", { item: {} }],
        ["amount.fixed.amount", { asset: "points", amount: fixed("1.5") }],
        ["amount.fixed.currency", { asset: "points", amount: fixed("1", "EUR") }],
    ])("rewards.0.%s, when the rule says %j", (path, change) => {
        expect([...new Set(pathsOf({ rewards: [reward(change)] }))]).toEqual([
            `definition.rewards.0.${path}`,
        ]);
    });

    test("rewards.0.amount, when there is no order to take a part of", () => {
        const signup = { trigger: "signup", conditions: undefined };
        expect(pathsOf({ ...signup, rewards: [reward({ amount: percent({}) })] })).toEqual([
            "definition.rewards.0.amount",
        ]);
        expect(pathsOf({ ...signup, rewards: [reward({})] })).toEqual([]);
    });

    test("budget.0.currency, when a discount's has none", () => {
        const rewards = [reward({ asset: "discount", amount: fixed("5", "EUR") })];
        expect(pathsOf({ rewards, budget: [budget({})] })).toEqual([
            "definition.budget.0.currency",
        ]);
        expect(pathsOf({ rewards, budget: [budget({ currency: "EUR" })] })).toEqual([]);
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

    test("budget, when two have one name or there is none", () => {
        expect(pathsOf({ budget: [budget({}), budget({})] })).toEqual(["definition.budget.1.name"]);
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
