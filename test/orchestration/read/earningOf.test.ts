import { describe, expect, test } from "vitest";
import { earningOf } from "@/orchestration/read/earningOf";
import { asCurrency } from "@/utils/money";

const asset = { address: `0x${"a1".repeat(20)}`, symbol: "TEST", decimals: 6 } as const;
const [EUR, JPY] = [asCurrency("EUR"), asCurrency("JPY")];
const price = (text: string) => ({ price: text, source: "test", at: "2026-03-01T12:00:00Z" });
const prices = new Map([
    [EUR, price("0.92")],
    [JPY, price("149.5")],
]);

describe("what a rule promises is worth, rounded down,", () => {
    test("a fixed amount of tokens", () => {
        expect(earningOf({ fixed: { amount: "2.005" } }, asset, prices)).toEqual({
            kind: "fixed",
            percent: null,
            tokens: { amount: 2_005_000n, min: null, max: null },
            // 2.005 × 0.92 = 1.8446 €; 2.005 × 149.5 = 299.7475 ¥
            worth: new Map([
                [EUR, 184n],
                [JPY, 299n],
            ]),
        });
    });

    test("a fixed amount of money, in tokens at today's price", () => {
        const { tokens, worth } = earningOf(
            { fixed: { amount: "5", currency: "EUR" } },
            asset,
            prices
        );
        // 5 / 0.92 = 5.434782608…
        expect(tokens.amount).toBe(5_434_782n);
        expect(worth.get(EUR)).toBe(500n);
    });

    test("money without a price is in tokens nobody knows how many", () => {
        const amount = { fixed: { amount: "5", currency: "EUR" } };
        expect(earningOf(amount, asset, new Map())).toEqual({
            kind: "fixed",
            percent: null,
            tokens: { amount: null, min: null, max: null },
            worth: new Map(),
        });
    });

    test("a percentage by its bounds, the most of it in money", () => {
        const amount = { percent: { of: "subtotal", percent: "2.5", min: "1", max: "20" } };
        expect(earningOf(amount, asset, prices)).toMatchObject({
            kind: "percent",
            percent: { of: "subtotal", percent: "2.5" },
            tokens: { amount: null, min: 1_000_000n, max: 20_000_000n },
            worth: new Map([
                [EUR, 1_840n],
                [JPY, 2_990n],
            ]),
        });
    });

    test("what the order alone decides is named, and never guessed", () => {
        expect(earningOf({ tiered: { field: "purchase.total" } }, asset, prices)).toMatchObject({
            kind: "tiered",
            tokens: { amount: null },
            worth: new Map(),
        });
    });
});
