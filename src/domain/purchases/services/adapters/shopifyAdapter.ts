import { type Adapter, hashOf, isHmac, kept, plain } from "./Adapter";
import { readShopify } from "./shopify";

const keptHeaders = [
    "x-shopify-topic",
    "x-shopify-shop-domain",
    "x-shopify-api-version",
    "x-shopify-webhook-id",
    "x-shopify-event-id",
    "x-shopify-triggered-at",
];

export const shopifyAdapter: Adapter = {
    isSigned: ({ headers, body }, secret) =>
        isHmac(Buffer.from(headers["x-shopify-hmac-sha256"] ?? "", "base64"), body, secret),
    envelopeOf({ headers, body }) {
        const topic = plain(headers["x-shopify-topic"]);
        const webhookId = plain(headers["x-shopify-webhook-id"]);
        // The webhook id, never the event id: two topics of one event share that.
        const dedupeKey = webhookId || `${topic}:${hashOf(body)}`;
        return { dedupeKey, topic, headers: kept(headers, keptHeaders) };
    },
    read: readShopify,
};
