import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Purchase } from "@/domain/purchases/db/schema";
import { awaited } from "@/domain/purchases/services/awaited";
import {
    type HashedReport,
    mergeFacts,
    type PurchaseFacts,
} from "@/domain/purchases/services/mergeFacts";
import {
    nothingOf,
    type ReportedLine,
    type Snapshot,
} from "@/domain/purchases/services/OrderReport";
import { inShopCurrency, type KnownRefund } from "@/domain/purchases/services/refunds";
import type { MerchantId, PurchaseId } from "@/utils/ids";
import { asCurrency, type Currency } from "@/utils/money";
import { later, minutes } from "@/utils/time";

const noon = new Date("2026-11-21T12:00:00.000Z");
const at = (minute: number) => later(noon, minutes(minute));
const [eur, usd, jpy] = ["EUR", "USD", "JPY"].map(asCurrency) as [Currency, Currency, Currency];

/** An order of which nobody has told us anything. */
const unknown: PurchaseFacts = {
    purchase: {
        ...awaited(
            { merchantId: "ada" as MerchantId, platform: "shopify", externalId: "1001" },
            noon
        ),
        id: "order" as PurchaseId,
    },
    lines: [],
    refunds: [],
};

const tin = (externalId: string): ReportedLine => ({
    externalId,
    productId: null,
    variantId: null,
    sku: null,
    title: "A tin of tea",
    quantity: 1,
    unitPrice: 1_000n,
    discount: 0n,
    tax: 0n,
    total: 1_000n,
});

/** The shop's word on the whole order, as of that minute: 100 € unless said otherwise. */
function snapshot(minute: number, change: Partial<Snapshot> & { total?: bigint } = {}): Snapshot {
    const { total = 10_000n, ...rest } = change;
    return {
        updatedAt: at(minute),
        externalName: "#1001",
        isTest: false,
        isFullyRefunded: false,
        exactAmounts: {},
        totals: {
            currency: eur,
            total,
            subtotal: total,
            discount: 0n,
            shipping: 0n,
            tax: 0n,
            presentmentCurrency: usd,
            presentmentTotal: (total * 11n) / 10n,
        },
        lines: [tin(`line of ${minute}`)],
        ...rest,
    };
}
const refund = (
    externalId: string,
    amount: string,
    change: Partial<KnownRefund> = {}
): KnownRefund => ({
    externalId,
    amount,
    currency: null,
    hasSucceeded: true,
    refundedAt: at(30),
    seenAt: null,
    transactions: [],
    lines: [],
    ...change,
});
const { buyer: _, ...facts } = nothingOf("1001");
const nothingTold: HashedReport = {
    ...facts,
    tokenLookups: [],
    codes: [],
    landingUrl: null,
    customerLookup: null,
    emailLookup: null,
};
const report = (facts: Partial<HashedReport>): HashedReport => ({
    ...nothingTold,
    ...facts,
});
const knownAfter = (...reports: Partial<HashedReport>[]) =>
    reports.map(report).reduce((known, one) => mergeFacts(known, one), unknown);
const told = (...reports: Partial<HashedReport>[]) => knownAfter(...reports).purchase;

const placed = { snapshot: snapshot(0) };
const paid = { snapshot: snapshot(1), paidAt: at(0) };

describe("the status", () => {
    test.for<[string, Partial<HashedReport>[], Purchase["status"], bigint]>([
        ["placed", [placed], "pending", 0n],
        ["paid", [placed, paid], "confirmed", 0n],
        ["paid, and then told again as it was before", [paid, placed], "confirmed", 0n],
        [
            "refunded in part",
            [paid, { refunds: [refund("r1", "40")] }],
            "partiallyRefunded",
            4_000n,
        ],
        [
            "refunded in part twice",
            [paid, { refunds: [refund("r1", "40"), refund("r2", "9.99")] }],
            "partiallyRefunded",
            4_999n,
        ],
        [
            "told twice of one refund",
            [paid, { refunds: [refund("r1", "40")] }, { refunds: [refund("r1", "40")] }],
            "partiallyRefunded",
            4_000n,
        ],
        [
            "refunded to the last cent",
            [paid, { refunds: [refund("r1", "40"), refund("r2", "60")] }],
            "refunded",
            10_000n,
        ],
        [
            "refunded beyond its price",
            [paid, { refunds: [refund("r1", "110")] }],
            "refunded",
            10_000n,
        ],
        [
            "refunded, as the shop says of the whole",
            [{ ...paid, snapshot: snapshot(1, { isFullyRefunded: true }) }],
            "refunded",
            10_000n,
        ],
        [
            "about to be refunded",
            [paid, { refunds: [refund("r1", "40", { hasSucceeded: false })] }],
            "confirmed",
            0n,
        ],
        ["cancelled before it was paid", [placed, { cancelledAt: at(2) }], "cancelled", 0n],
        [
            "cancelled after a refund",
            [paid, { refunds: [refund("r1", "40")] }, { cancelledAt: at(2) }],
            "cancelled",
            4_000n,
        ],
        ["known by its refund alone", [{ refunds: [refund("r1", "40")] }], "awaited", 0n],
        ["free", [{ snapshot: snapshot(1, { total: 0n }), paidAt: at(0) }], "confirmed", 0n],
    ])("of an order that was %s", ([_, reports, status, refunded]) => {
        expect(told(...reports)).toMatchObject({ status, refunded });
    });
});

describe("a refund", () => {
    test("in the buyer's currency counts by the order's own rate", () => {
        // The order is 100 € and 110 $: 11 $ are 10 €, 0.05 $ are 4.54 cents, and 0.06 $ are 5.45.
        const counted = (amount: string) =>
            inShopCurrency(told(paid), refund("r1", amount, { currency: usd }));
        expect(["11.00", "0.05", "0.06", "110"].map(counted)).toEqual([1_000n, 5n, 5n, 10_000n]);
    });

    test("in the shop's currency counts as it is, whether it names it or not", () => {
        const counted = (currency: Currency | null) =>
            inShopCurrency(told(paid), refund("r1", "12.99", { currency }));
        expect([counted(eur), counted(null)]).toEqual([1_299n, 1_299n]);
    });

    test("in a currency that the order never had counts for nothing", () => {
        expect(inShopCurrency(told(paid), refund("r1", "1000", { currency: jpy }))).toBe(0n);
    });

    test("told before its order counts once the order is known", () => {
        expect(told({ refunds: [refund("r1", "40")] }, paid)).toMatchObject({ refunded: 4_000n });
    });

    test("whose money moves later counts then, and is not taken back by an older word", () => {
        const announced = refund("r1", "0", { hasSucceeded: false });
        expect(
            told(paid, { refunds: [announced] }, { refunds: [refund("r1", "40")] })
        ).toMatchObject({ refunded: 4_000n });
        expect(
            told(paid, { refunds: [refund("r1", "40")] }, { refunds: [announced] })
        ).toMatchObject({ refunded: 4_000n });
    });

    test("whose money moves in two steps counts whole, whichever step is told last", () => {
        const [first, both] = [refund("r1", "10"), refund("r1", "40")];
        expect(told(paid, { refunds: [first] }, { refunds: [both] })).toMatchObject({
            refunded: 4_000n,
        });
        expect(told(paid, { refunds: [both] }, { refunds: [first] })).toMatchObject({
            refunded: 4_000n,
        });
    });
});

describe("what a shop told", () => {
    test("last is what is known of totals, name and lines; what an edit took out is gone", () => {
        const edited = {
            snapshot: snapshot(5, { total: 8_000n, externalName: "#1001-B", isTest: true }),
        };
        const { purchase, lines } = knownAfter(edited, paid);
        expect(purchase).toMatchObject({
            total: 8_000n,
            externalName: "#1001-B",
            isTest: true,
            presentmentTotal: 8_800n,
            sourceUpdatedAt: at(5),
        });
        expect(lines).toEqual([{ ...tin("line of 5"), refundedQuantity: 0, refundedAmount: 0n }]);
    });

    test("first is what is known of payment and cancellation", () => {
        const early = { paidAt: at(0), cancelledAt: at(3) };
        const late = { paidAt: at(9), cancelledAt: at(9) };
        expect(told(late, early, late)).toMatchObject(early);
    });

    test("never changes whose order it is, or its key", () => {
        const linked = {
            ...unknown,
            purchase: { ...unknown.purchase, groupId: "cleo" as never, linkedBy: "claim" as const },
        };
        const { id, merchantId, platform, externalId, groupId, linkedBy } = mergeFacts(
            linked,
            report(paid)
        ).purchase;
        expect({ id, merchantId, platform, externalId, groupId, linkedBy }).toEqual({
            id: "order",
            merchantId: "ada",
            platform: "shopify",
            externalId: "1001",
            groupId: "cleo",
            linkedBy: "claim",
        });
    });
});

describe("any permutation and duplication of the reports of one order", () => {
    const moments = fc.integer({ min: -60, max: 60 }).map(at);
    const refunds = fc.uniqueArray(
        fc.record({
            externalId: fc.constantFrom("r1", "r2", "r3"),
            amount: fc.tuple(fc.nat(60), fc.nat(99)).map(([whole, part]) => `${whole}.${part}`),
            currency: fc.constantFrom(null, eur, usd, jpy),
            hasSucceeded: fc.boolean(),
            refundedAt: moments,
            seenAt: fc.constant(null),
            transactions: fc.constant<KnownRefund["transactions"]>([]),
            lines: fc.constant<KnownRefund["lines"]>([]),
        }),
        { selector: ({ externalId }) => externalId, maxLength: 3 }
    );
    /** Two snapshots of the same moment would be one: a shop changes an order and its `updated_at` together. */
    const snapshots = fc.record({
        total: fc.bigInt({ min: 0n, max: 20_000n }),
        isTest: fc.boolean(),
        isFullyRefunded: fc.boolean(),
    });
    const reports = fc.array(
        fc.record({
            change: fc.option(snapshots, { nil: undefined }),
            paidAt: fc.option(moments, { nil: undefined }),
            cancelledAt: fc.option(moments, { nil: undefined }),
            refunds,
            tokenLookups: fc.subarray(["checkout", "cart", "order"]),
        }),
        { minLength: 1, maxLength: 6 }
    );
    const deliveries = reports.chain((all) => {
        const distinct = all.map(({ change, ...rest }, minute) =>
            report({ ...rest, snapshot: change && snapshot(minute, change) })
        );
        return fc.record({
            inOrder: fc.constant(distinct),
            shuffled: fc
                .array(fc.nat(distinct.length - 1), { maxLength: 6 })
                .map((again) => [
                    ...distinct,
                    ...again.map((index) => distinct[index] as HashedReport),
                ])
                .chain((some) => fc.shuffledSubarray(some, { minLength: some.length })),
        });
    });

    test("end in the same facts", () => {
        fc.assert(
            fc.property(deliveries, ({ inOrder, shuffled }) => {
                expect(knownAfter(...shuffled)).toEqual(knownAfter(...inOrder));
            }),
            { numRuns: 1_000 }
        );
    });

    test("never refund more than there was", () => {
        fc.assert(
            fc.property(deliveries, ({ shuffled }) => {
                const { refunded, total } = told(...shuffled);
                expect(refunded >= 0n && refunded <= total).toBe(true);
            })
        );
    });
});
