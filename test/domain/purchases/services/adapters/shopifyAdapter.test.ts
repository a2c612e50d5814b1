import { describe, expect, test } from "vitest";
import type { Headers } from "@/domain/purchases/services/adapters/Adapter";
import { adapterOf } from "@/domain/purchases/services/adapters/adapterOf";

const envelopeOf = (headers: Headers, body: Uint8Array) =>
    adapterOf("shopify").envelopeOf({ headers, body });

const body = Buffer.from('{"id": 1001}');
const headers = {
    "x-shopify-topic": "orders/paid",
    "x-shopify-webhook-id": "webhook-1",
    "x-shopify-event-id": "event-1",
    "x-shopify-shop-domain": "Tea.myshopify.com",
    "x-shopify-hmac-sha256": "signature",
    "x-shopify-triggered-at": "2026-11-20T09:15:03.123456789Z",
    "user-agent": "Shopify-Captain-Hook",
    cookie: "tea=green",
};

describe("the envelope of a delivery", () => {
    test("says what it is about, and keeps what Shopify says of itself alone", () => {
        expect(envelopeOf(headers, body)).toEqual({
            dedupeKey: "webhook-1",
            topic: "orders/paid",
            headers: {
                "x-shopify-topic": "orders/paid",
                "x-shopify-shop-domain": "Tea.myshopify.com",
                "x-shopify-webhook-id": "webhook-1",
                "x-shopify-event-id": "event-1",
                "x-shopify-triggered-at": "2026-11-20T09:15:03.123456789Z",
            },
        });
    });

    test("tells two deliveries of one event apart", () => {
        const other = { ...headers, "x-shopify-webhook-id": "webhook-2" };
        expect(envelopeOf(other, body).dedupeKey).not.toBe(envelopeOf(headers, body).dedupeKey);
    });

    test("without a webhook id knows a delivery by its topic and its bytes", () => {
        const keyOf = (topic: string, text: string) =>
            envelopeOf({ "x-shopify-topic": topic }, Buffer.from(text)).dedupeKey;
        expect(keyOf("orders/paid", "{}")).toBe(keyOf("orders/paid", "{}"));
        expect(keyOf("orders/paid", "{}")).not.toBe(keyOf("orders/paid", "{ }"));
        expect(keyOf("orders/paid", "{}")).not.toBe(keyOf("orders/create", "{}"));
        expect(keyOf("", "{}")).toMatch(/^:[\da-f]{64}$/);
    });

    test("has nothing in it that Postgres could not store", () => {
        const hostile = { ...headers, "x-shopify-topic": `orders/\0paid${"!".repeat(5_000)}` };
        const { topic, headers: kept } = envelopeOf(hostile, body);
        expect([topic.length, kept["x-shopify-topic"]?.length]).toEqual([255, 255]);
        expect(topic).toMatch(/^orders\/paid!+$/);
    });
});
