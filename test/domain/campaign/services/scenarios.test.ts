import { describe, expect, test } from "vitest";
import { sharesOf } from "@/domain/attribution/services/models";
import { compile } from "@/domain/campaign/services/compile";
import type { Definition } from "@/domain/campaign/services/definition";
import {
    type Facts,
    noStanding,
    type PersonFacts,
    type Standing,
    type Touch,
} from "@/domain/campaign/services/facts";
import type { CampaignId, GroupId, InteractionId, TouchpointId } from "@/utils/ids";
import { asCurrency } from "@/utils/money";
import { days, later } from "@/utils/time";

/**
 * What merchants say and what it comes to, to the cent. A token costs 0.50 €, so 1 € is 2 tokens; a token has two
 * decimals. Ben brought Cleo a day ago; Ada brought Ben, Zoe brought Ada. Saturday, 2026-11-21, 12:00 UTC. Her
 * order: 100 € of which 80 € are goods: tea for 50 € (sku T1, category "tea") and two cups for 30 € (C1).
 */
const noon = new Date("2026-11-21T12:00:00.000Z");
const group = (name: string) => name as GroupId;
const euro = asCurrency("EUR");
const touch = (
    who: string | undefined,
    ageDays: number,
    source: Touch["source"] = "referral"
): Touch => ({
    touchpointId: `${who}-${ageDays}` as TouchpointId,
    source,
    referrerGroupId: who === undefined ? undefined : group(who),
    occurredAt: later(noon, -days(ageDays)),
});
const person = (purchases: number, spend: bigint): PersonFacts => ({
    purchases,
    spend: new Map([[euro, spend]]),
    hasWallet: true,
    rewards: { count: 0, amount: 0n },
});
const order: NonNullable<Facts["purchase"]> = {
    total: 10_000n,
    subtotal: 8_000n,
    discount: 500n,
    shipping: 490n,
    tax: 1_597n,
    currency: euro,
    isTest: false,
    isConfirmed: true,
    isFirst: true,
    discountCodes: ["TEATIME"],
    lines: [
        {
            sku: "T1",
            productId: "1",
            categories: ["tea"],
            title: "Sencha",
            quantity: 1,
            unitPrice: 5_000n,
            total: 5_000n,
        },
        {
            sku: "C1",
            productId: "2",
            categories: ["cups"],
            title: "Cup",
            quantity: 2,
            unitPrice: 1_500n,
            total: 3_000n,
        },
    ],
};
const cleosOrder: Facts = {
    interactionId: "cleos-order" as InteractionId,
    trigger: "purchase",
    actor: group("Cleo"),
    occurredAt: noon,
    timeZone: "Europe/Paris",
    asset: { address: `0x${"a1".repeat(20)}`, symbol: "TEA", decimals: 2 },
    purchase: order,
    touches: [touch("Ben", 1)],
    chains: new Map([[group("Ben"), [group("Ada"), group("Zoe")]]]),
    people: new Map([
        [group("Cleo"), person(0, 0n)],
        [group("Ben"), person(3, 30_000n)],
    ]),
    prices: new Map([[euro, { price: "0.50", source: "test", at: noon.toISOString() }]]),
};

const gets = (recipient: string, amount: object, more: object = {}) => ({
    recipient,
    asset: "token",
    amount,
    ...more,
});
const tokens = (amount: string) => ({ fixed: { amount } });
const euros = (amount: string) => ({ fixed: { amount, currency: "EUR" } });
const percent = (part: string, more: object = {}) => ({
    percent: { of: "total", percent: part, ...more },
});
const when = (field: string, op: string, value?: unknown) => ({
    conditions: { all: [{ field, op, ...(value === undefined ? {} : { value }) }] },
});
const benGets = (amount: object, more: object = {}) => ({
    rewards: [gets("referrer", amount, more)],
});
const chain = (selfPercent: string, decayPercent: string, maxDepth: number) => ({
    chaining: { selfPercent, decayPercent, maxDepth },
});
const budget = (amount: string, onExhausted = "skip") => ({
    budget: [{ name: "total", window: "total", amount, onExhausted }],
});
const spent = (units: bigint): Partial<Standing> => ({ budgets: new Map([["total", units]]) });
const capped = (key: string, used: bigint): Partial<Standing> => ({
    caps: { get: ({ name, groupId }) => (`${name}:${groupId}` === key ? used : undefined) },
});
const shared = (model: string, more: object = {}) => ({
    attribution: { model, windowDays: 30, ...more },
});
/** Zoe's link nine days ago, nothing in particular five days ago, Ben's link a day ago. */
const wandering = { touches: [touch("Zoe", 9), touch(undefined, 5, "organic"), touch("Ben", 1)] };

type Scenario = {
    given: object;
    when?: Partial<Facts>;
    paidBefore?: Partial<Standing>;
    pays: string;
};

const scenarios: Record<string, Scenario> = {
    // 5 tokens are 5 tokens.
    "1 a fixed number of tokens": { given: benGets(tokens("5")), pays: "Ben 5.00" },
    // 5 € / 0.50 € = 10 tokens.
    "2 a fixed sum of money": { given: benGets(euros("5.00")), pays: "Ben 10.00" },
    // 5 % of 100 € = 5 € = 10 tokens.
    "3 a percentage of the total": { given: benGets(percent("5")), pays: "Ben 10.00" },
    // 2.5 % of 80 € = 2 € = 4 tokens.
    "4 a percentage of the goods": {
        given: benGets(percent("2.5", { of: "subtotal" })),
        pays: "Ben 4.00",
    },
    // 10 % of (50 + 30) € = 8 € = 16 tokens.
    "5 a percentage of the items": {
        given: benGets(percent("10", { of: "items" })),
        pays: "Ben 16.00",
    },
    // 10 % of the 50 € of tea = 5 € = 10 tokens.
    "6 a percentage of some items": {
        given: benGets(percent("10", { of: "items" }), { item: { categories: ["tea"] } }),
        pays: "Ben 10.00",
    },
    // No coffee, no coffee bonus.
    "7 a bonus for what was not bought": {
        given: benGets(tokens("5"), { item: { skus: ["K1"] } }),
        pays: "notMatched",
    },
    // 1 % of 100 € = 1 € = 2 tokens, raised to 3.
    "8 at least": { given: benGets(percent("1", { min: "3" })), pays: "Ben 3.00" },
    // 50 % of 100 € = 50 € = 100 tokens, lowered to 20.
    "9 at most": { given: benGets(percent("50", { max: "20.00" })), pays: "Ben 20.00" },
    // 0.333 % of 100 € = 0.333 € = 0.666 tokens, down to 0.66.
    "10 rounded down to the token's cent": { given: benGets(percent("0.333")), pays: "Ben 0.66" },
    // 100 € lies in [50, 150): 3 tokens.
    "11 the middle tier": {
        given: benGets({
            tiered: {
                field: "purchase.total",
                tiers: [
                    { from: "0", to: "50", fixed: "1" },
                    { from: "50", to: "150", fixed: "3" },
                    { from: "150", fixed: "9" },
                ],
            },
        }),
        pays: "Ben 3.00",
    },
    // 100 € does not lie in [0, 100) but in [100, …): 4 % of 100 € = 4 € = 8 tokens.
    "12 the edge of a tier": {
        given: benGets({
            tiered: {
                field: "purchase.total",
                tiers: [
                    { from: "0", to: "100", fixed: "1" },
                    { from: "100", percent: "4" },
                ],
            },
        }),
        pays: "Ben 8.00",
    },
    // Ben has bought three times before: the tier of 3 and more, 7 tokens.
    "13 tiers of what the referrer bought": {
        given: benGets({
            tiered: {
                field: "referrer.purchases",
                tiers: [
                    { from: "0", to: "3", fixed: "1" },
                    { from: "3", fixed: "7" },
                ],
            },
        }),
        pays: "Ben 7.00",
    },
    // From 2 to 2 times 4 tokens there is nothing to draw: 8 tokens.
    "14 a range of one value": {
        given: benGets({ range: { base: "4", minFactor: "2", maxFactor: "2" } }),
        pays: "Ben 8.00",
    },
    // Two rules for two people: 10 % of 100 € = 20 tokens, and 2 tokens.
    "15 both sides": {
        given: { rewards: [gets("referrer", percent("10")), gets("referee", tokens("2"))] },
        pays: "Ben 20.00, Cleo 2.00",
    },
    // Half of 16 is 8, half of the remaining 8 is 4, and the last has the rest, 4.
    "16 a chain that halves": {
        given: benGets(tokens("16"), chain("0", "50", 5)),
        pays: "Ben 8.00, Ada 4.00, Zoe 4.00",
    },
    // Two deep: half of 16 is 8, the last one has the other 8.
    "17 a chain cut off at two": {
        given: benGets(tokens("16"), chain("0", "50", 2)),
        pays: "Ben 8.00, Ada 8.00",
    },
    // 25 % of 16 = 4 for Cleo; of the remaining 12, half is 6, half of 6 is 3, the rest 3.
    "18 a chain with a part for the buyer": {
        given: benGets(tokens("16"), chain("25", "50", 3)),
        pays: "Cleo 4.00, Ben 6.00, Ada 3.00, Zoe 3.00",
    },
    // 30 % of 0.05 = 0.015, down to 0.01; 30 % of 0.04 = 0.012, down to 0.01; the rest 0.03.
    "19 cents in a chain are not lost": {
        given: benGets(tokens("0.05"), chain("0", "30", 3)),
        pays: "Ben 0.01, Ada 0.01, Zoe 0.03",
    },
    // All of what remains to the first: nothing is left for the others.
    "20 a chain that ends at once": {
        given: benGets(tokens("16"), chain("0", "100", 3)),
        pays: "Ben 16.00",
    },
    // The last referral counts, whatever else came.
    "21 the last referral": {
        given: { ...benGets(tokens("9")), ...shared("lastReferral") },
        when: wandering,
        pays: "Ben 9.00",
    },
    "22 the first arrival": {
        given: { ...benGets(tokens("9")), ...shared("first") },
        when: wandering,
        pays: "Zoe 9.00",
    },
    // A third each; the third of the arrival that nobody sent stays with the merchant.
    "23 linear": {
        given: { ...benGets(tokens("9")), ...shared("linear") },
        when: wandering,
        pays: "Zoe 3.00, Ben 3.00",
    },
    // 40 % of 9 = 3.60 to the first and to the last; 20 % to nobody.
    "24 by position": {
        given: { ...benGets(tokens("9")), ...shared("positionBased") },
        when: wandering,
        pays: "Zoe 3.60, Ben 3.60",
    },
    // Half-life 4 days: Ben 1 day ago 7/8, nobody 5 days ago 7/16, Zoe 9 days ago 7/32. Together 49/32:
    // Ben 28/49 and Zoe 7/49 of 49 tokens.
    "25 decaying in time": {
        given: { ...benGets(tokens("49")), ...shared("timeDecay", { halfLifeDays: 4 }) },
        when: wandering,
        pays: "Zoe 7.00, Ben 28.00",
    },
    // Ada's code was typed in before Ben's link was followed; the code counts.
    "26 a code beats a link": {
        given: benGets(tokens("5")),
        when: { touches: [touch("Ada", 2, "code"), touch("Ben", 1)] },
        pays: "Ada 5.00",
    },
    "27 unless the merchant says otherwise": {
        given: { ...benGets(tokens("5")), ...shared("lastReferral", { codeBeatsLink: false }) },
        when: { touches: [touch("Ada", 2, "code"), touch("Ben", 1)] },
        pays: "Ben 5.00",
    },
    "28 an arrival that is too old": {
        given: benGets(tokens("5")),
        when: { touches: [touch("Ben", 31)] },
        pays: "noReferrer",
    },
    "29 somebody's own link": {
        given: benGets(tokens("5")),
        when: { touches: [touch("Cleo", 1)] },
        pays: "selfReferral",
    },
    // A direct visit is attributed to nobody.
    "30 a direct visit": {
        given: { ...benGets(tokens("5")), ...shared("last") },
        when: { touches: [touch("Ben", 2), touch(undefined, 1, "direct")] },
        pays: "noReferrer",
    },
    "31 a condition that is met": {
        given: {
            ...benGets(tokens("5")),
            ...when("purchase.discountCodes", "contains", "TEATIME"),
        },
        pays: "Ben 5.00",
    },
    // 12:00 UTC is 13:00 in Paris, on a Saturday.
    "32 the hour where the shop is": {
        given: { ...benGets(tokens("5")), ...when("time.hour", "eq", 13) },
        pays: "Ben 5.00",
    },
    "33 something missing is not met": {
        given: { ...benGets(tokens("5")), ...when("attribution.utm.source", "neq", "news") },
        pays: "notMatched",
    },
    "34 every item must be tea": {
        given: { ...benGets(tokens("5")), ...when("purchase.items.all.category", "in", ["tea"]) },
        pays: "notMatched",
    },
    // 10 of 10 were taken but 4: 5 do not fit into what is left.
    "35 a budget that lacks a little": {
        given: { ...benGets(tokens("5")), ...budget("10") },
        paidBefore: spent(600n),
        pays: "budgetExhausted",
    },
    "36 a budget that waits": {
        given: { ...benGets(tokens("5")), ...budget("10", "queue") },
        paidBefore: spent(600n),
        pays: "queued",
    },
    "37 once per buyer": {
        given: { ...benGets(tokens("5")), limits: { perUser: { count: 1 } } },
        paidBefore: capped("perUser.count:Cleo", 1n),
        pays: "capped",
    },
    // Ben had 12 of his 15: 3 of the 5 are left. Cleo has hers whole.
    "38 a referrer's last three tokens": {
        given: {
            rewards: [gets("referrer", tokens("5")), gets("referee", tokens("2"))],
            limits: { perReferrer: { amount: "15" } },
        },
        paidBefore: capped("perReferrer.amount:Ben", 1_200n),
        pays: "Ben 3.00, Cleo 2.00",
    },
    // 10 % of 100 € are 10 points; 5 € off are 500 cents.
    "39 points and a discount": {
        given: {
            rewards: [
                gets("user", percent("10"), { asset: "points" }),
                gets("user", euros("5.00"), { asset: "discount" }),
            ],
        },
        pays: "Cleo 10 points, Cleo 500 EUR cents",
    },
    // The second purchase is nobody's first.
    "40 the first purchase only": {
        given: { ...benGets(tokens("5")), limits: { firstPurchaseOnly: true } },
        when: { purchase: { ...order, isFirst: false } },
        pays: "capped",
    },
    "41 everybody held out": {
        given: { ...benGets(tokens("5")), holdoutPercent: "100" },
        pays: "holdout",
    },
    "42 new customers only": {
        given: { ...benGets(tokens("5")), audience: "returningCustomers" },
        pays: "notMatched",
    },
    "43 a test order": {
        given: benGets(tokens("5")),
        when: { purchase: { ...order, isTest: true } },
        pays: "testOrder",
    },
    "44 nobody knows the price": {
        given: benGets(euros("5")),
        when: { prices: new Map() },
        pays: "deferred",
    },
};

function said({ given, when: change, paidBefore }: Scenario): string {
    const definition = { trigger: "purchase", ...given } as Definition;
    const identity = { campaignId: "tea" as CampaignId, version: "1" };
    const { decide } = compile(definition, identity, sharesOf);
    const decision = decide({ ...cleosOrder, ...change }, { ...noStanding, ...paidBefore });
    if (decision.outcome !== "rewarded") return decision.outcome;
    return decision.rewards
        .map(({ groupId, kind, currency, amount }) => {
            if (kind === "points") return `${groupId} ${amount} points`;
            if (kind === "discount") return `${groupId} ${amount} ${currency} cents`;
            return `${groupId} ${amount / 100n}.${String(amount % 100n).padStart(2, "0")}`;
        })
        .join(", ");
}

describe("what a merchant says comes to", () => {
    test.each(Object.entries(scenarios))("%s", (_, scenario) => {
        expect(said(scenario)).toBe(scenario.pays);
    });
});
