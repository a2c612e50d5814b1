import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sharesOf } from "@/domain/attribution/services/models";
import { compile } from "@/domain/campaign/services/compile";
import type { Definition } from "@/domain/campaign/services/definition";
import {
    type Facts,
    noStanding,
    type PinnedPrice,
    type PurchaseFacts,
} from "@/domain/campaign/services/facts";
import type { CampaignId, GroupId, InteractionId, TouchpointId } from "@/utils/ids";
import { asCurrency, type Currency } from "@/utils/money";
import { days, later } from "@/utils/time";
import { bringAFriend } from "../../../fixtures/story/Merchant";

const ben = "ben" as GroupId;
const cleo = "cleo" as GroupId;
const noon = new Date("2026-11-21T12:00:00.000Z");
const tea = { address: `0x${"a1".repeat(20)}`, symbol: "TEA", decimals: 6 } as const;
const pinned = (price: string): PinnedPrice => ({
    price,
    source: "development",
    at: noon.toISOString(),
});
const prices = new Map(
    Object.entries({ EUR: "0.92", USD: "1", JPY: "150", KWD: "0.3075" }).map(([code, price]) => [
        asCurrency(code),
        pinned(price),
    ])
);
const touch = (ageMs: number) => ({
    touchpointId: "bens-link" as TouchpointId,
    source: "referral" as const,
    referrerGroupId: ben,
    occurredAt: later(noon, -ageMs),
});

/** Cleo came through Ben's link a day ago and buys tea for 100 €, 80 of it for the goods. */
const order = (total: bigint, subtotal: bigint, currency = "EUR"): PurchaseFacts => ({
    total,
    subtotal,
    discount: 0n,
    shipping: 0n,
    tax: 0n,
    currency: asCurrency(currency),
    isTest: false,
    isConfirmed: true,
});
const facts: Facts = {
    interactionId: "cleos-order" as InteractionId,
    trigger: "purchase",
    actor: cleo,
    occurredAt: noon,
    timeZone: "UTC",
    asset: tea,
    purchase: order(10_000n, 8_000n),
    touches: [touch(days(1))],
    chains: new Map(),
    people: new Map(),
    prices,
};
/** What is different: of the facts, of the arrival, or of what was paid so far. */
type Change = Partial<Omit<Facts, "touches">> & {
    touch?: ReturnType<typeof touch> | undefined;
    budgets?: Map<string, bigint>;
};
const sale = (total: bigint, currency = "EUR"): Change => ({
    purchase: order(total, total, currency),
});
function changed({ budgets, ...change }: Change) {
    const { touch: arrival, ...rest } = change;
    const touches = arrival ? [arrival] : [];
    const standing = budgets ? { ...noStanding, budgets } : noStanding;
    return [{ ...facts, ...rest, ...("touch" in change ? { touches } : {}) }, standing] as const;
}
const identity = { campaignId: "bring-a-friend" as CampaignId, version: "1" };
const evaluator = (definition: object) => compile(definition as Definition, identity, sharesOf);

type Rule = Definition["rewards"][number];
const percent = (rest: object): Rule["amount"] =>
    ({ percent: { of: "total", percent: "5", ...rest } }) as Rule["amount"];
const fixed = (amount: string, currency?: string): Rule["amount"] => ({
    fixed: { amount, ...(currency ? { currency } : {}) },
});
const paying = (amount: Rule["amount"], recipient: Rule["recipient"] = "user"): Definition => ({
    trigger: "purchase",
    rewards: [{ recipient, asset: "token", amount }],
});
const withBudget = (definition: Definition, amount: string): Definition => ({
    ...definition,
    budget: [{ name: "total", window: "total", amount, onExhausted: "skip" }],
});
const decide = (definition: object, change: Change = {}) =>
    evaluator(definition).decide(...changed(change));
const paid = (definition: object, change: Change = {}) =>
    decide(definition, change).rewards.map(({ recipient, groupId, amount }) => [
        recipient,
        groupId,
        amount,
    ]);

describe("an amount", () => {
    test.for<[string, Rule["amount"], Change, bigint]>([
        ["two tokens", fixed("2.00"), {}, 2_000_000n],
        // 5 € / 0.92 € = 5.434782608… tokens
        ["five euros", fixed("5.00", "EUR"), {}, 5_434_782n],
        // 1000 ¥ / 150 ¥ = 6.666666… tokens, whatever the order is in
        ["a thousand yen for an order in euros", fixed("1000", "JPY"), {}, 6_666_666n],
        // 5 % of 100 € = 5 €
        ["5 % of the total", percent({}), {}, 5_434_782n],
        // 5 % of 80 € = 4 € / 0.92 = 4.347826086…
        ["5 % of the goods", percent({ of: "subtotal" }), {}, 4_347_826n],
        // 5 % of 258.00 € = 12.90 € / 0.92 = 14.021739130…
        ["5 % of 258 €", percent({}), sale(25_800n), 14_021_739n],
        // 2.5 % of 0.01 € = 0.00025 € / 0.92 = 0.000271739…: no cent is rounded in between
        ["2.5 % of a cent", percent({ percent: "2.5" }), sale(1n), 271n],
        // 10 % of 1299 ¥ = 129.9 ¥ / 150 = 0.866 tokens: yen have no decimals
        ["10 % of 1299 ¥", percent({ percent: "10" }), sale(1_299n, "JPY"), 866_000n],
        // 12.345 KD / 0.3075 = 40.146341463…: dinars have three
        ["all of 12.345 dinars", percent({ percent: "100" }), sale(12_345n, "KWD"), 40_146_341n],
        // 5.4347… is below 6, above 5, between 5.4 and 5.5
        ["at least 6", percent({ min: "6" }), {}, 6_000_000n],
        ["at most 5", percent({ max: "5.00" }), {}, 5_000_000n],
        ["between 5.4 and 5.5", percent({ min: "5.4", max: "5.5" }), {}, 5_434_782n],
        ["exactly its bound", percent({ max: "5.434782" }), {}, 5_434_782n],
        ["at least 6 of a free order", percent({ min: "6" }), sale(0n), 6_000_000n],
    ])("of %s", ([_, amount, change, units]) => {
        expect(paid(paying(amount), change)).toEqual([["user", cleo, units]]);
    });

    test("of a token with 18 decimals keeps all of them", () => {
        const asset = { ...tea, decimals: 18 };
        // 12.90 € / 0.92 € = 14.02173913043478260869…
        expect(paid(paying(percent({})), { ...sale(25_800n), asset })).toEqual([
            ["user", cleo, 14_021_739_130_434_782_608n],
        ]);
    });

    test("in money of which nobody knows the price is deferred, and says so", () => {
        for (const amount of [percent({}), percent({ min: "6" }), fixed("5", "EUR")]) {
            const decision = decide(paying(amount), { prices: new Map() });
            expect(decision).toMatchObject({ outcome: "deferred", rewards: [], taken: [] });
        }
    });

    test("in tokens needs no price", () => {
        expect(paid(paying(fixed("2")), { prices: new Map() })).toEqual([
            ["user", cleo, 2_000_000n],
        ]);
    });

    test("that comes to less than a unit is none", () => {
        // 0.000001 % of 0.01 € is far below 0.000001 tokens
        const least = paying(percent({ percent: "0.000001" }));
        expect(decide(least, sale(1n))).toMatchObject({ outcome: "notMatched", rewards: [] });
        expect(decide(least, { ...sale(1n), touch: undefined })).toMatchObject({
            outcome: "notMatched",
        });
    });

    test("shows the price that it was made with, and no other", () => {
        expect(decide(paying(percent({}))).trace.prices).toEqual([
            { currency: "EUR", price: "0.92", source: "development", at: noon.toISOString() },
        ]);
        expect(decide(paying(fixed("2"))).trace.prices).toEqual([]);
    });
});

describe("who is rewarded", () => {
    const each = (recipients: Rule["recipient"][]): Definition => ({
        trigger: "purchase",
        rewards: recipients.map((recipient) => ({
            recipient,
            asset: "token",
            amount: fixed("2.00"),
        })),
    });

    test("when somebody was referred: who referred, who came, and who bought", () => {
        expect(paid(each(["referrer", "referee", "user"]))).toEqual([
            ["referrer", ben, 2_000_000n],
            ["referee", cleo, 2_000_000n],
            ["user", cleo, 2_000_000n],
        ]);
    });

    test("when nobody was: who bought, and nobody else", () => {
        const alone = { touch: undefined };
        expect(paid(each(["referrer", "referee", "user"]), alone)).toEqual([
            ["user", cleo, 2_000_000n],
        ]);
        expect(decide(each(["referrer", "referee"]), alone)).toMatchObject({
            outcome: "noReferrer",
        });
    });

    test("when two rules say the same: once, with both", () => {
        expect(paid(each(["referrer", "referrer"]))).toEqual([["referrer", ben, 4_000_000n]]);
    });

    test("never somebody for having referred themselves", () => {
        const own = { touch: { ...touch(days(1)), referrerGroupId: cleo } };
        expect(decide(each(["referrer", "referee"]), own)).toMatchObject({
            outcome: "selfReferral",
            rewards: [],
            trace: {
                attribution: {
                    shares: [{ touchpointId: "bens-link", referrer: null, share: "1" }],
                },
            },
        });
    });

    test.for<[string, number | undefined, number, number]>([
        ["on the last millisecond of 30 days", undefined, days(30), 2],
        ["a millisecond later", undefined, days(30) + 1, 0],
        ["on the last millisecond of the campaign's 7 days", 7, days(7), 2],
        ["a millisecond after those", 7, days(7) + 1, 0],
        ["in the moment of the sale", undefined, 0, 2],
    ])("by an arrival %s", ([_, windowDays, ageMs, count]) => {
        const definition = {
            ...each(["referrer", "referee"]),
            ...(windowDays ? { attribution: { model: "lastReferral", windowDays } } : {}),
        };
        const decision = decide(definition, { touch: touch(ageMs) });
        expect(decision.rewards).toHaveLength(count);
        expect(decision.trace.attribution).toEqual({
            model: "lastReferral",
            windowDays: windowDays ?? 30,
            shares: count
                ? [{ touchpointId: "bens-link", referrer: { groupId: ben }, share: "1" }]
                : [],
        });
    });

    test("nobody for a test order, whatever it meets", () => {
        const tried = { purchase: { ...order(10_000n, 8_000n), isTest: true } };
        expect(decide(bringAFriend, tried)).toMatchObject({
            outcome: "testOrder",
            rewards: [],
            taken: [],
        });
    });
});

describe("conditions", () => {
    test("that are not met earn nothing, and say which", () => {
        expect(decide(bringAFriend, sale(1_999n))).toMatchObject({
            outcome: "notMatched",
            rewards: [],
            trace: {
                conditions: [
                    {
                        path: "all[0]",
                        op: "gte",
                        expected: "20.00 EUR",
                        actual: "19.99 EUR",
                        met: false,
                    },
                ],
                budgets: [],
            },
        });
        expect(decide(bringAFriend, sale(2_000n))).toMatchObject({ outcome: "rewarded" });
    });
});

describe("a budget", () => {
    const two = withBudget(paying(fixed("2.00"), "referrer"), "10.00");
    const left = (units: bigint) => ({ budgets: new Map([["total", 10_000_000n - units]]) });

    test("is taken to its last unit", () => {
        expect(decide(two, left(2_000_000n))).toMatchObject({
            outcome: "rewarded",
            taken: [{ name: "total", amount: 2_000_000n }],
            trace: {
                budgets: [
                    { name: "total", before: "8000000", taken: "2000000", after: "10000000" },
                ],
            },
        });
    });

    test("that lacks a unit pays nothing, and says how much was left", () => {
        expect(decide(two, left(1_999_999n))).toMatchObject({
            outcome: "budgetExhausted",
            rewards: [],
            taken: [],
            trace: {
                budgets: [{ name: "total", before: "8000001", taken: "0", after: "8000001" }],
                rewards: [],
            },
        });
    });

    test("never pays one side of a sale alone", () => {
        // Ben's 5 % are 4.347826 and Cleo gets 2: 6.347826 together
        expect(
            decide(bringAFriend, { budgets: new Map([["total", 1_000_000_000n - 6_347_826n]]) })
                .rewards
        ).toHaveLength(2);
        expect(
            decide(bringAFriend, { budgets: new Map([["total", 1_000_000_000n - 6_347_825n]]) })
                .rewards
        ).toEqual([]);
    });
});

test("the whole of a decision: 5 % of 80 € for Ben, 2 for Cleo", () => {
    expect(decide(bringAFriend)).toEqual({
        outcome: "rewarded",
        rewards: [
            // 4 € / 0.92 €
            {
                recipient: "referrer",
                groupId: ben,
                chainDepth: 0,
                kind: "token",
                amount: 4_347_826n,
            },
            {
                recipient: "referee",
                groupId: cleo,
                chainDepth: 0,
                kind: "token",
                amount: 2_000_000n,
            },
        ],
        taken: [{ name: "total", amount: 6_347_826n }],
        caps: [],
        trace: {
            conditions: [
                {
                    path: "all[0]",
                    field: "purchase.total",
                    op: "gte",
                    expected: "20.00 EUR",
                    actual: "100.00 EUR",
                    met: true,
                },
            ],
            attribution: {
                model: "lastReferral",
                windowDays: 30,
                shares: [{ touchpointId: "bens-link", referrer: { groupId: ben }, share: "1" }],
            },
            limits: [],
            budgets: [{ name: "total", before: "0", taken: "6347826", after: "6347826" }],
            prices: [
                { currency: "EUR", price: "0.92", source: "development", at: noon.toISOString() },
            ],
            rewards: [
                { role: "referrer", depth: 0, groupId: ben, asset: "token", amount: "4347826" },
                { role: "referee", depth: 0, groupId: cleo, asset: "token", amount: "2000000" },
            ],
            draws: [],
            // 4 € / 0.92 € = 4.347826 + 2/23 of a millionth
            rounding: [{ role: "referrer", depth: 0, exact: "100000000/23", paid: "4347826" }],
            queueing: [],
            stacking: [],
        },
    });
});

describe("laws", () => {
    const decimal = (most: number) =>
        fc
            .tuple(fc.nat(most), fc.nat(999_999))
            .map(([whole, part]) => `${whole}.${String(part).padStart(6, "0")}`);
    const amounts = fc.oneof(
        decimal(50).map((amount) => fixed(amount)),
        decimal(50).map((amount) => fixed(amount, "EUR")),
        fc.integer({ min: 1, max: 100 }).map((whole) => percent({ percent: String(whole) })),
        fc
            .tuple(decimal(5), decimal(9))
            .map(([min, more]) => percent({ min, max: String(Number(more) + 10) }))
    );
    const rules = fc.array(
        fc.record({
            recipient: fc.constantFrom("referrer" as const, "referee" as const, "user" as const),
            asset: fc.constant("token" as const),
            amount: amounts,
        }),
        { minLength: 1, maxLength: 5 }
    );
    const definitions = fc
        .tuple(rules, decimal(400))
        .map(([rewards, limit]) => withBudget({ trigger: "purchase", rewards }, limit));
    const sales = fc.record({
        purchase: fc.record({
            total: fc.bigInt({ min: 0n, max: 10n ** 7n }),
            subtotal: fc.bigInt({ min: 0n, max: 10n ** 7n }),
            discount: fc.constant(0n),
            shipping: fc.constant(0n),
            tax: fc.constant(0n),
            currency: fc.constantFrom<Currency>(...prices.keys()),
            isTest: fc.boolean(),
            isConfirmed: fc.constant(true),
        }),
        touch: fc.option(fc.nat(days(40)).map(touch), { nil: undefined }),
    });

    test("a campaign never owes more than its budget, over any sales in any order", () => {
        fc.assert(
            fc.property(definitions, fc.array(sales, { maxLength: 30 }), (definition, all) => {
                const { outline } = evaluator(definition);
                const limit = BigInt(definition.budget?.[0]?.amount.replace(".", "") ?? 0);
                let used = 0n;
                for (const one of all) {
                    const budgets = new Map([["total", used]]);
                    const { rewards, taken } = outline(...changed({ ...one, budgets }));
                    const owed = rewards.reduce((sum, { amount }) => sum + amount, 0n);
                    expect(taken.reduce((sum, { amount }) => sum + amount, 0n)).toBe(owed);
                    used += owed;
                }
                expect(used <= limit).toBe(true);
            })
        );
    });

    test("the same facts give the same decision, to the unit and to the letter", () => {
        fc.assert(
            fc.property(definitions, sales, (definition, one) => {
                const again = evaluator(structuredClone(definition));
                const [asked, standing] = changed(one);
                expect(again.decide(structuredClone(asked), standing)).toEqual(
                    evaluator(definition).decide(asked, standing)
                );
            })
        );
    });

    test("whoever is rewarded is rewarded something, and the trace says what", () => {
        fc.assert(
            fc.property(definitions, sales, (definition, one) => {
                const { outcome, rewards, trace } = decide(definition, one);
                expect(rewards.length > 0).toBe(outcome === "rewarded");
                expect(rewards.every(({ amount }) => amount > 0n)).toBe(true);
                expect(trace.rewards.map(({ amount }) => BigInt(amount))).toEqual(
                    rewards.map(({ amount }) => amount)
                );
            })
        );
    });
});
