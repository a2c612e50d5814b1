import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { shopifyOrder } from "@/api/demo/shopifyOrder";
import type { Purchase } from "@/domain/purchases/db/schema";
import { readShopify } from "@/domain/purchases/services/adapters/shopify";
import { awaited } from "@/domain/purchases/services/awaited";
import { mergeFacts, type PurchaseFacts } from "@/domain/purchases/services/mergeFacts";
import type { OrderReport } from "@/domain/purchases/services/OrderReport";
import type { MerchantId } from "@/utils/ids";
import { parseLossless } from "@/utils/json";

const folder = new URL("../../../../fixtures/payloads/shopify/", import.meta.url);
const textOf = (file: string) => readFileSync(new URL(file, folder), "utf8");

type Scenario = { name: string; group: string; file: string; topic: string };
const { deliveries } = JSON.parse(textOf("deliveries.json")) as { deliveries: Scenario[] };

/** `orders_partially_fulfilled.docs-2026-04.json` is of the topic `orders/partially_fulfilled`. */
const samples = readdirSync(folder)
    .filter((file) => file.endsWith(".docs-2026-04.json"))
    .map((file) => [file.replace(/^([a-z]+)_/, "$1/").replace(/\..*/, ""), file] as const);

const read = (topic: string, text: string) => readShopify(topic, parseLossless(text));
function reportOf(topic: string, text: string): OrderReport {
    const reading = read(topic, text);
    if ("report" in reading) return reading.report;
    throw new Error(JSON.stringify(reading));
}
const scenario = (name: string): OrderReport => {
    const found = deliveries.find((one) => one.name === name);
    if (!found) throw new Error(`There is no scenario ${name}`);
    return reportOf(found.topic, textOf(found.file));
};

const nobodys: PurchaseFacts = {
    purchase: awaited(
        { merchantId: "ada" as MerchantId, platform: "shopify", externalId: "1001" },
        new Date(0)
    ),
    lines: [],
    refunds: [],
};
const merged = (reports: readonly OrderReport[]): PurchaseFacts =>
    reports.reduce(
        (known, { buyer, ...report }) =>
            mergeFacts(known, {
                ...report,
                codes: buyer.codes,
                tokenLookups: buyer.tokens,
                landingUrl: null,
                customerLookup: null,
                emailLookup: null,
            }),
        nobodys
    );

describe("Shopify's own samples", () => {
    const orders = ["create", "paid", "updated", "cancelled", "fulfilled", "partially_fulfilled"];
    const ours = [...orders.map((event) => `orders/${event}`), "refunds/create"];
    const notices = [
        "app/uninstalled",
        "customers/data_request",
        "customers/redact",
        "shop/redact",
    ];

    test("are all here", () => {
        expect(samples).toHaveLength(21);
        expect(samples.filter(([topic]) => ours.includes(topic))).toHaveLength(ours.length);
    });

    test.each(samples)("%s is read, or ignored with a reason", (topic, file) => {
        const reading = read(topic, textOf(file));
        if (ours.includes(topic)) {
            expect(reading).toMatchObject({
                report: { externalId: expect.stringMatching(/^\d{15,}$/) },
            });
        } else if (notices.includes(topic)) {
            expect(reading).toHaveProperty("notice");
        } else {
            expect(reading).toMatchObject({ ignored: expect.stringMatching(/./) });
        }
    });

    test("keep every digit of ids beyond 2^53", () => {
        const { externalId, snapshot } = reportOf(
            "orders/paid",
            textOf("orders_paid.docs-2026-04.json")
        );
        expect(externalId).toBe("820982911946154508");
        expect(snapshot?.lines.map((line) => line.externalId)).toEqual([
            "487817672276298554",
            "789012345678901234",
            "890123456789012345",
            "976318377106520349",
            "315789986012684393",
        ]);
    });
});

describe("the life of an order of 263.90 €, paid in dollars", () => {
    /** 290.29 $ are 263.90 €, so 134.10 $ are 121.909… € and 11.00 $ are 10.00 €. */
    const life: [string, Purchase["status"], bigint][] = [
        ["create-pending", "pending", 0n],
        ["paid", "confirmed", 0n],
        ["paid-retry", "confirmed", 0n],
        ["updated", "confirmed", 0n],
        ["stale-pending-after-paid", "confirmed", 0n],
        ["refund-partial-1", "partiallyRefunded", 12_191n],
        ["refund-partial-1-retry", "partiallyRefunded", 12_191n],
        ["updated-partially-refunded", "partiallyRefunded", 12_191n],
        ["refund-amount-only", "partiallyRefunded", 13_191n],
        ["refund-pending-transaction", "partiallyRefunded", 13_191n],
        ["cancelled", "cancelled", 26_390n],
    ];

    test.each(life.map(([name], index) => [name, index] as const))("after %s", (_, index) => {
        const { purchase } = merged(life.slice(0, index + 1).map(([name]) => scenario(name)));
        const [, status, refunded] = life[index] ?? [];
        expect(purchase).toMatchObject({ status, refunded, total: 26_390n, currency: "EUR" });
    });

    test("ends the same in whatever order it is told", () => {
        const reports = life.map(([name]) => scenario(name));
        const end = merged(reports);
        fc.assert(
            fc.property(fc.shuffledSubarray(reports, { minLength: reports.length }), (shuffled) => {
                expect(merged(shuffled)).toEqual(end);
            })
        );
    });

    test("is told in every part that counts", () => {
        expect(scenario("paid")).toMatchObject({
            externalId: "6004604174410",
            // Shopify cuts the fraction off: an arrival in the same second came before the order.
            paidAt: new Date("2026-11-20T09:15:01.999Z"),
            cancelledAt: undefined,
            snapshot: {
                updatedAt: new Date("2026-11-20T09:15:09.000Z"),
                externalName: "#1042",
                isTest: false,
                totals: {
                    currency: "EUR",
                    total: 26_390n,
                    subtotal: 25_800n,
                    discount: 1_500n,
                    shipping: 590n,
                    tax: 4_310n,
                    presentmentCurrency: "USD",
                    presentmentTotal: 29_029n,
                },
                lines: [
                    // 2 × 129.00 - 14.18
                    {
                        externalId: "14851429013801",
                        sku: "JKT-01",
                        quantity: 2,
                        unitPrice: 12_900n,
                        discount: 1_418n,
                        total: 24_382n,
                    },
                    // 15.00 - 0.82
                    {
                        externalId: "14851429013802",
                        sku: "SCK-09",
                        quantity: 1,
                        unitPrice: 1_500n,
                        discount: 82n,
                        total: 1_418n,
                    },
                ],
            },
            buyer: {
                clientId: "6f1f7c7e-7e0b-4b55-9f0e-7d9b7d7a9f10",
                customerId: "8094839668801",
                email: "buyer@example.com",
                codes: ["AMI-7K2Q"],
                landingUrl: "/?ref=AMI-7K2Q&utm_source=share",
                tokens: [
                    "7d2f0a3be1c94d5f8a6b7c8d9e0f1a2b",
                    "4c1d0b6a6f3e4b0fa8b1e2d3c4f5a697",
                    "hWN6Ej8Yb1QkT2m3v4x5Z6a7",
                ],
            },
        });
    });
});

describe("a scenario at the edge", () => {
    test.each<[string, Purchase["status"]]>([
        ["authorized", "pending"],
        ["partially-paid", "pending"],
        ["voided", "cancelled"],
        ["expired", "cancelled"],
        ["unknown-fields", "confirmed"],
        ["topic-swapped", "pending"],
        ["test-order", "confirmed"],
    ])("%s is %s", (name, status) => {
        const { purchase } = merged([scenario(name)]);
        expect(purchase).toMatchObject({ status, isTest: name === "test-order" });
    });

    test.each(["data_request", "redact-shop"])("%s is none of an order's business", (name) => {
        const { topic, file } = deliveries.find((one) => one.name === name) as Scenario;
        expect(read(topic, textOf(file))).toHaveProperty("notice");
    });
});

describe("an order", () => {
    const order = (change: object) =>
        reportOf(
            "orders/paid",
            JSON.stringify({ ...JSON.parse(shopifyOrder({ id: "1001" })), id: 1001, ...change })
        );

    test("of a guest, without lines, names or anything that can be missing, is taken", () => {
        const nothing = {
            name: null,
            line_items: null,
            refunds: null,
            note_attributes: null,
            customer: null,
        };
        const bare = {
            ...nothing,
            token: null,
            checkout_token: null,
            cart_token: null,
            total_price_set: null,
        };
        expect(order(bare)).toMatchObject({
            snapshot: {
                externalName: null,
                lines: [],
                totals: { presentmentCurrency: null, presentmentTotal: null },
            },
            refunds: [],
            buyer: { clientId: undefined, customerId: undefined, email: undefined, tokens: [] },
        });
    });

    test("of yen has no cents, of dinars a thousand fils", () => {
        const totalsIn = (currency: string, total_price: string) =>
            order({
                currency,
                total_price,
                subtotal_price: null,
                line_items: null,
                total_price_set: null,
                total_tax: null,
                total_discounts: null,
                total_shipping_price_set: null,
            }).snapshot?.totals;
        expect(totalsIn("JPY", "1299")).toMatchObject({ total: 1_299n, subtotal: 1_299n });
        expect(totalsIn("KWD", "1.299")).toMatchObject({ total: 1_299n });
    });

    test("with prices as JSON numbers has them to the cent", () => {
        const text = shopifyOrder({ id: "1001", total: "0.1" }).replace(
            '"total_price":"0.1"',
            '"total_price":0.1'
        );
        expect(text).toContain('"total_price":0.1');
        expect(reportOf("orders/paid", text).snapshot?.totals.total).toBe(10n);
    });

    test("names the browser that made it, if that is one of ours", () => {
        const clientId = "0a5d4c87-66b4-4b22-9b57-d967d6958ed9";
        const noted = (value: unknown) =>
            order({
                note_attributes: [
                    { name: "gift", value: "yes" },
                    { name: "_client_id", value },
                ],
            }).buyer.clientId;
        expect([noted(clientId), noted("ben"), noted(null)]).toEqual([
            clientId,
            undefined,
            undefined,
        ]);
    });

    test.each([
        ["refunded", { isFullyRefunded: true }],
        ["partially_refunded", { isFullyRefunded: false }],
    ])("that is %s was paid", (financial_status, snapshot) => {
        expect(order({ financial_status })).toMatchObject({ paidAt: expect.any(Date), snapshot });
    });

    test("with lines of one product keeps them apart", () => {
        const line = { id: 1, product_id: 7, title: "Sencha", quantity: 2, price: "5.00" };
        const lines = order({
            line_items: [line, { ...line, id: 2, quantity: 3 }],
        }).snapshot?.lines;
        expect(
            lines?.map(({ externalId, productId, quantity, total }) => [
                externalId,
                productId,
                quantity,
                total,
            ])
        ).toEqual([
            ["1", "7", 2, 1_000n],
            ["2", "7", 3, 1_500n],
        ]);
    });

    test("that was edited has lost what no refund names, from its lines and its price", () => {
        const line = { id: 1, product_id: 7, title: "Sencha", quantity: 2, price: "5.00" };
        const refunds = [
            {
                id: 9,
                created_at: "2026-11-20T12:00:00Z",
                refund_line_items: [{ line_item_id: 2, quantity: 1, subtotal: "5.00" }],
            },
        ];
        const { snapshot } = order({
            total_price: "25.00",
            subtotal_price: "25.00",
            current_total_price: "10.00",
            line_items: [
                { ...line, current_quantity: 0 },
                { ...line, id: 2, quantity: 3, current_quantity: 1 },
            ],
            refunds,
        });
        expect(snapshot).toMatchObject({
            totals: { total: 1_000n, subtotal: 1_000n },
            lines: [{ externalId: "2", quantity: 2, total: 1_000n }],
        });
    });

    test.each<[string, object, string]>([
        ["a negative price", { total_price: "-5.00" }, "total_price"],
        ["an exponent", { total_price: "1e9" }, "total_price"],
        ["no price", { total_price: null }, "total_price"],
        ["NaN", { subtotal_price: "NaN" }, "subtotal_price"],
        ["no id", { id: null }, "id"],
        ["an id that is none", { id: "gid://shopify/Order/1" }, "id"],
        ["a time that is none", { updated_at: "yesterday" }, "updated_at"],
        ["a line without a price", { line_items: [{ id: 1, quantity: 1 }] }, "line_items.0.price"],
        [
            "half a tin",
            { line_items: [{ id: 1, quantity: 0.5, price: "1" }] },
            "line_items.0.quantity",
        ],
    ])("with %s is refused, by the field's name", (_, change, path) => {
        expect(() => order(change)).toThrow(
            expect.objectContaining({
                code: "INVALID_REQUEST",
                details: expect.arrayContaining([expect.objectContaining({ path })]),
            })
        );
    });

    test.each(["2026-13-45T00:00:00Z", "2026-11-20Tnoon", "2026-11-20T09:15:03", "2026-11-20"])(
        "at a time like %s is refused: it would be read as another, or not at all",
        (updated_at) => {
            const refusal = expect.objectContaining({
                details: [expect.objectContaining({ path: "updated_at" })],
            });
            expect(() => order({ updated_at })).toThrow(refusal);
        }
    );

    test("in a currency that is none is refused", () => {
        expect(() => order({ currency: "XYZ" })).toThrow(
            expect.objectContaining({ code: "UNKNOWN_CURRENCY" })
        );
    });
});

describe("a refund", () => {
    const move = (change: object) => ({
        kind: "refund",
        status: "success",
        amount: "10.00",
        currency: "EUR",
        ...change,
    });
    const refund = (transactions: object[]) =>
        reportOf(
            "refunds/create",
            JSON.stringify({
                id: 5,
                order_id: 1001,
                created_at: "2026-11-20T12:00:00Z",
                transactions,
            })
        ).refunds[0];

    test("is what moved: neither what is pending or failed, nor what is no refund", () => {
        const transactions = [
            move({}),
            move({ amount: "2.345" }),
            move({ status: "pending" }),
            move({ status: "failure" }),
            move({ kind: "void" }),
            move({ kind: "sale" }),
        ];
        expect(refund(transactions)).toMatchObject({
            externalId: "5",
            amount: "12.345",
            currency: "EUR",
            hasSucceeded: true,
            refundedAt: new Date("2026-11-20T12:00:00Z"),
        });
    });

    test("of which nothing moved yet is known, and worth nothing", () => {
        expect(refund([move({ status: "pending" })])).toMatchObject({
            amount: "0",
            currency: null,
            hasSucceeded: false,
        });
        expect(refund([])).toMatchObject({ hasSucceeded: false });
    });
});

test.each(["", "products/update", "orders/edited", "toString", "orders/delete"])(
    "the topic %j is ignored",
    (topic) => {
        expect(read(topic, shopifyOrder({ id: "1001" }))).toHaveProperty("ignored");
    }
);
