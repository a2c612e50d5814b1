import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Purchase } from "@/domain/purchases/db/schema";
import { awaited } from "@/domain/purchases/services/awaited";
import type { KnownLine } from "@/domain/purchases/services/mergeFacts";
import { netOf } from "@/domain/purchases/services/netOf";
import { type KnownRefund, refundedOf } from "@/domain/purchases/services/refunds";
import { decimalText } from "@/utils/decimal";
import type { MerchantId } from "@/utils/ids";
import { asCurrency } from "@/utils/money";

const noon = new Date("2026-11-21T12:00:00.000Z");
const key = { merchantId: "ada" as MerchantId, platform: "shopify", externalId: "1001" } as const;

const order = (change: Partial<Purchase> = {}): Purchase => ({
    ...awaited(key, noon),
    status: "confirmed",
    currency: asCurrency("EUR"),
    total: 10_590n,
    subtotal: 10_000n,
    shipping: 590n,
    ...change,
});
const line = (externalId: string, total: bigint): KnownLine => ({
    externalId,
    productId: null,
    variantId: null,
    sku: null,
    title: "A tin of tea",
    quantity: 1,
    unitPrice: total,
    discount: 0n,
    tax: 0n,
    total,
    refundedQuantity: 0,
    refundedAmount: 0n,
});
const refund = (amount: string, lines: KnownRefund["lines"] = []): KnownRefund => ({
    externalId: `${amount} ${JSON.stringify(lines)}`,
    amount,
    currency: null,
    hasSucceeded: true,
    refundedAt: noon,
    seenAt: null,
    transactions: [],
    lines,
});
const of = (lineId: string, amount: string, tax = "0") => ({ lineId, quantity: 1, amount, tax });
const tins = [line("green", 6_000n), line("black", 4_000n)];

/** Each line and the rest, after these refunds. */
function left(refunds: KnownRefund[], change: Partial<Purchase> = {}, lines = tins) {
    const purchase = order(change);
    const counted = { ...purchase, refunded: refundedOf(purchase, refunds) };
    const net = netOf(counted, lines, refunds);
    return { ...net, lines: net.lines.map(({ netTotal }) => netTotal) };
}

describe("what is left of an order", () => {
    test("without refunds is the order", () => {
        expect(left([])).toEqual({ total: 10_590n, subtotal: 10_000n, lines: [6_000n, 4_000n] });
    });

    test("of which a line was given back is the other one", () => {
        expect(left([refund("60.00", [of("green", "60.00")])])).toEqual({
            total: 4_590n,
            subtotal: 4_000n,
            lines: [0n, 4_000n],
        });
    });

    test("after an amount of no line in particular has lost of everything in proportion", () => {
        // 10.00 of 105.90: 5.6657 of the green, 3.7771 of the black, 0.5571 of the shipping.
        expect(left([refund("10.00")])).toEqual({
            total: 9_590n,
            subtotal: 9_056n,
            lines: [5_434n, 3_622n],
        });
    });

    test("after its shipping was given back is its goods", () => {
        expect(left([refund("5.90", [of("shipping", "5.90")])])).toEqual({
            total: 10_000n,
            subtotal: 10_000n,
            lines: [6_000n, 4_000n],
        });
    });

    test("with tax on top loses the tax of what was given back from the tax", () => {
        const taxed = { total: 12_590n, tax: 2_000n };
        expect(left([refund("72.00", [of("green", "60.00", "12.00")])], taxed)).toEqual({
            total: 5_390n,
            subtotal: 4_000n,
            lines: [0n, 4_000n],
        });
    });

    test("where less was paid back than the lines cost has lost what was paid back", () => {
        expect(left([refund("50.00", [of("green", "60.00"), of("black", "40.00")])]).lines).toEqual(
            [3_000n, 2_000n]
        );
    });

    test("that was cancelled or given back whole is nothing", () => {
        const nothing = { total: 0n, subtotal: 0n, lines: [0n, 0n] };
        expect(left([], { status: "cancelled" })).toEqual(nothing);
        expect(left([], { status: "refunded", isFullyRefunded: true })).toEqual(nothing);
    });

    test("without lines has its goods as one", () => {
        expect(left([refund("52.95")], {}, [])).toEqual({
            total: 5_295n,
            subtotal: 5_000n,
            lines: [],
        });
    });

    test("whose lines cost more than the order is discounted to it", () => {
        expect(left([], { total: 5_000n, subtotal: 5_000n, shipping: 0n })).toEqual({
            total: 5_000n,
            subtotal: 5_000n,
            lines: [3_000n, 2_000n],
        });
    });
});

describe("for any order and any refunds", () => {
    const cents = (max: bigint) => fc.bigInt({ min: 0n, max });
    const text = (amount: bigint) => decimalText(amount, 2);
    const cases = fc.record({
        prices: fc.array(cents(50_000n), { maxLength: 5 }),
        rest: cents(3_000n),
        discount: cents(20_000n),
        refunds: fc.array(
            fc.record({
                amount: cents(60_000n),
                lines: fc.array(
                    fc.record({ index: fc.nat(6), amount: cents(30_000n), tax: cents(500n) }),
                    { maxLength: 4 }
                ),
            }),
            { maxLength: 4 }
        ),
    });
    const built = cases.map(({ prices, rest, discount, refunds }) => {
        const lines = prices.map((price, index) => line(`line ${index}`, price));
        const goods = prices.reduce((sum, price) => sum + price, 0n);
        const total = goods + rest > discount ? goods + rest - discount : 0n;
        const told = refunds.map(({ amount, lines: named }, index) => ({
            ...refund(
                text(amount),
                named.map((one) => of(`line ${one.index}`, text(one.amount), text(one.tax)))
            ),
            externalId: `r${index}`,
        }));
        const purchase = order({ total, subtotal: goods < total ? goods : total, shipping: rest });
        return {
            lines,
            told,
            purchase: { ...purchase, refunded: refundedOf(purchase, told) },
        };
    });

    test("nothing goes below zero, above its price, or missing", () => {
        fc.assert(
            fc.property(built, ({ purchase, lines, told }) => {
                const net = netOf(purchase, lines, told);
                expect(net.total).toBe(purchase.total - purchase.refunded);
                const sum = net.lines.reduce((all, { netTotal }) => all + netTotal, 0n);
                expect(sum <= net.total).toBe(true);
                expect(net.subtotal >= 0n && net.subtotal <= purchase.subtotal).toBe(true);
                for (const { netTotal, total } of net.lines) {
                    expect(netTotal >= 0n && netTotal <= total).toBe(true);
                }
            }),
            { numRuns: 10_000 }
        );
    });

    test("the order of refunds and lines makes no difference", () => {
        fc.assert(
            fc.property(built, ({ purchase, lines, told }) => {
                const net = netOf(purchase, lines, told);
                const turned = netOf(purchase, [...lines].reverse(), [...told].reverse());
                expect({ ...turned, lines: turned.lines.reverse() }).toEqual(net);
            }),
            { numRuns: 5_000 }
        );
    });
});
