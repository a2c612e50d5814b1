import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
    isPing,
    wooCommerceAdapter,
} from "@/domain/purchases/services/adapters/wooCommerceAdapter";
import { readWooCommerce } from "@/domain/purchases/services/adapters/woocommerce";
import { parseLossless } from "@/utils/json";

const folder = new URL("../../../../fixtures/payloads/woocommerce/", import.meta.url);
const textOf = (file: string) => readFileSync(new URL(file, folder), "utf8");
type Told = { name: string; file: string; headers: Record<string, string>; expect: string };
const { secret, deliveries } = JSON.parse(textOf("deliveries.json")) as {
    secret: string;
    deliveries: Told[];
};
const received = new Date("2026-11-21T12:00:00.000Z");
const read = (text: string, topic = "order.updated") =>
    readWooCommerce(topic, parseLossless(text), received);
const sample = (change: object) =>
    JSON.stringify({ ...JSON.parse(textOf("scenarios/05-updated-processing.body")), ...change });
function reportOf(text: string, topic?: string) {
    const reading = read(text, topic);
    if ("report" in reading) return reading.report;
    throw new Error(JSON.stringify(reading));
}
const lowered = (headers: Record<string, string>) =>
    Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
const signedOf = ({ file, headers }: Told) => ({
    headers: lowered(headers),
    body: readFileSync(new URL(file, folder)),
});
const named = (name: string) => {
    const found = deliveries.find((one) => one.name === name);
    if (!found) throw new Error(`There is no delivery ${name}`);
    return found;
};

describe("a WooCommerce signature", () => {
    const isSigned = (told: Told, by = secret) => wooCommerceAdapter.isSigned(signedOf(told), by);

    test.each(deliveries)("of $name: $expect", (told) => {
        const isRefused = told.expect.startsWith("401");
        expect(isPing(signedOf(told)) || isSigned(told)).toBe(!isRefused);
    });

    test("is by the secret as it was meant, also where it is kept as HTML says it", () => {
        const asHtml = secret.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
        expect(isSigned(named("created-pending"), asHtml)).toBe(true);
        expect(isSigned(named("created-pending"), `${secret}!`)).toBe(false);
    });
});

describe("WooCommerce's delivery", () => {
    const keyOf = (text: string, topic = "order.updated", delivery = "1") =>
        wooCommerceAdapter.envelopeOf({
            headers: { "x-wc-webhook-topic": topic, "x-wc-webhook-delivery-id": delivery },
            body: Buffer.from(text),
        }).dedupeKey;

    test("is known by what it says: its own id repeats within a second", () => {
        expect(keyOf(sample({}))).toBe(keyOf(sample({ transaction_id: "other" })));
        for (const change of [
            { status: "completed" },
            { date_modified_gmt: "2026-11-20T16:00:00" },
            { refunds: [{ id: 1, total: "-1.00" }] },
            { id: 6_000 },
        ]) {
            expect(keyOf(sample(change))).not.toBe(keyOf(sample({})));
        }
        expect(keyOf(sample({}))).not.toBe(keyOf(sample({}), "order.created"));
    });

    test("of a deletion says only a number, and can come again after a restoration", () => {
        const gone = '{"id":5001}';
        expect(keyOf(gone, "order.deleted", "1")).toBe(keyOf(gone, "order.deleted", "1"));
        expect(keyOf(gone, "order.deleted", "1")).not.toBe(keyOf(gone, "order.deleted", "2"));
    });
});

describe("an order of WooCommerce", () => {
    test.each([
        "order-completed.docs-v3.json",
        "order-list-item-1.docs-v3.json",
        "order-list-item-2-with-refunds.docs-v3.json",
        "order-processing.docs-v3.json",
    ])("like its own sample %s is read", (file) => {
        expect(reportOf(textOf(file))).toMatchObject({
            externalId: expect.stringMatching(/^\d+$/),
        });
    });

    test("is told in every part that counts", () => {
        expect(reportOf(textOf(named("partial-refund-2").file))).toMatchObject({
            externalId: "5001",
            paidAt: new Date("2026-11-20T10:15:08.999Z"),
            snapshot: {
                updatedAt: new Date("2026-11-20T15:00:00.000Z"),
                cancelledAt: null,
                isFullyRefunded: false,
                totals: { total: 8_690n, subtotal: 8_200n, shipping: 490n, tax: 1_150n },
                lines: [
                    {
                        externalId: "701",
                        quantity: 2,
                        unitPrice: 3_500n,
                        total: 7_000n,
                        sku: "TOTE",
                    },
                    { externalId: "702", productId: "92", variantId: null, total: 1_200n },
                ],
            },
            refunds: [
                { externalId: "8002", amount: "12.00" },
                { externalId: "8001", amount: "35.00" },
            ],
            buyer: {
                clientId: "6f1f7c7e-7e0b-4b55-9f0e-7d9b7d7a9f10",
                customerId: undefined,
                email: "buyer@example.com",
                tokens: ["wc_order_5001TestKey", "wc_order_5001TestKey_5001"],
            },
        });
    });

    test.each([
        ["pending", { paid: false, cancelled: false }],
        ["on-hold", { paid: false, cancelled: false }],
        ["a-plugins-own", { paid: false, cancelled: false }],
        ["processing", { paid: true, cancelled: false }],
        ["completed", { paid: true, cancelled: false }],
        ["cancelled", { paid: false, cancelled: true }],
        ["failed", { paid: false, cancelled: true }],
        ["trash", { paid: false, cancelled: true }],
    ])("that is %s is %j", (status, { paid, cancelled }) => {
        const { paidAt, snapshot } = reportOf(
            sample({ status, date_paid: null, date_paid_gmt: null })
        );
        expect([paidAt !== undefined, snapshot?.cancelledAt !== null]).toEqual([paid, cancelled]);
    });

    test("that is refunded without a refund is refunded whole", () => {
        expect(reportOf(sample({ status: "refunded" })).snapshot?.isFullyRefunded).toBe(true);
    });

    test("that is a draft is none yet; other topics are not ours", () => {
        expect(read(sample({ status: "checkout-draft" }))).toHaveProperty("ignored");
        expect(read(sample({}), "product.updated")).toHaveProperty("ignored");
    });

    test("that is deleted is gone as of when we heard; the topic alone deletes nothing", () => {
        expect(reportOf('{"id":5001}', "order.deleted")).toMatchObject({
            externalId: "5001",
            removedAt: received,
            snapshot: undefined,
        });
        expect(reportOf(sample({}), "order.deleted").removedAt).toBeUndefined();
    });

    test.each(["-1.00", "1e3", "NaN"])("with the price %s is refused", (total) => {
        expect(() => read(sample({ total }))).toThrow(
            expect.objectContaining({ code: "INVALID_REQUEST" })
        );
    });

    test("keeps amounts with more decimals than its currency as they were", () => {
        const { snapshot } = reportOf(sample({ total: "86.905", discount_total: "1.0000" }));
        expect(snapshot?.totals.total).toBe(8_690n);
        expect(snapshot?.exactAmounts).toEqual({ total: "86.905" });
    });
});
