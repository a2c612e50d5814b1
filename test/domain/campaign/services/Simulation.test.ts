import { describe, expect, test } from "vitest";
import { sharesOf } from "@/domain/attribution/services/models";
import type { Definition } from "@/domain/campaign/services/definition";
import type { Facts } from "@/domain/campaign/services/facts";
import { Simulation } from "@/domain/campaign/services/Simulation";
import type { CampaignId, GroupId, InteractionId } from "@/utils/ids";
import { asCurrency } from "@/utils/money";

const identity = { campaignId: "tea-for-everybody" as CampaignId, version: "draft" };
const twoTokensEach = {
    trigger: "purchase",
    rewards: [{ recipient: "user", asset: "token", amount: { fixed: { amount: "2" } } }],
};

/** Somebody buys tea for ten euros, at noon of that day of November. */
const buys = (who: string, day: number, isFirst = false): Facts => ({
    interactionId: `${who}, ${day}` as InteractionId,
    trigger: "purchase",
    actor: who as GroupId,
    occurredAt: new Date(Date.UTC(2026, 10, day, 12)),
    timeZone: "Europe/Paris",
    asset: { address: `0x${"a1".repeat(20)}`, symbol: "TEA", decimals: 6 },
    purchase: {
        total: 1_000n,
        subtotal: 1_000n,
        discount: 0n,
        shipping: 0n,
        tax: 0n,
        currency: asCurrency("EUR"),
        isTest: false,
        isConfirmed: true,
        isFirst,
    },
    touches: [],
    chains: new Map(),
    people: new Map(),
    prices: new Map(),
});

function simulated(rest: object, orders: readonly Facts[]) {
    const definition = { ...twoTokensEach, ...rest } as Definition;
    const simulation = new Simulation(definition, identity, sharesOf);
    for (const order of orders) simulation.add(order);
    const { outcomes, capHits } = simulation.end();
    return { outcomes, capHits: Object.fromEntries(capHits) };
}
const budget = (window: string, amount: string, onExhausted = "skip") => ({
    name: `${amount} a ${window}`,
    window,
    amount,
    onExhausted,
});

describe("a simulation", () => {
    test("counts the budget that was short, and neither the one nor the limit with room left", () => {
        const rest = {
            limits: { perUser: { count: 10 } },
            budget: [budget("total", "3"), budget("month", "1000")],
        };
        expect(simulated(rest, [buys("Ben", 1), buys("Cleo", 2), buys("Dora", 3)])).toEqual({
            outcomes: { rewarded: 1, budgetExhausted: 2 },
            capHits: { "3 a total": 2 },
        });
    });

    test("counts the limit that was used up, and not the one with room left", () => {
        const rest = {
            limits: { perUser: { count: 5 }, perUserPeriod: { count: 1, window: "month" } },
        };
        const orders = [buys("Ben", 1), buys("Ben", 2), buys("Cleo", 3)];
        expect(simulated(rest, orders)).toEqual({
            outcomes: { rewarded: 2, capped: 1 },
            capHits: { "perUserPeriod.count": 1 },
        });
    });

    test("counts whoever is late for a first purchase", () => {
        const rest = { limits: { firstPurchaseOnly: true } };
        expect(simulated(rest, [buys("Ben", 1, true), buys("Ben", 2)])).toEqual({
            outcomes: { rewarded: 1, capped: 1 },
            capHits: { firstPurchaseOnly: 1 },
        });
    });

    test("has each budget begin again with its window, there where the merchant is", () => {
        const rest = { budget: [budget("day", "2", "queue")] };
        const lateInTheEvening = {
            ...buys("Dora", 2),
            occurredAt: new Date("2026-11-02T23:30:00Z"),
        };
        const orders = [buys("Ben", 2), buys("Cleo", 2), lateInTheEvening, buys("Eva", 3)];
        expect(simulated(rest, orders)).toEqual({
            outcomes: { rewarded: 2, queued: 2 },
            capHits: { "2 a day": 2 },
        });
    });
});
