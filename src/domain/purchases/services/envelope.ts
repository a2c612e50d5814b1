import { createHash } from "node:crypto";
import type { Delivery, Platform } from "../db/schema";

/** What a platform says around the body, in its own headers. */
export type Envelope = Pick<Delivery, "dedupeKey" | "topic" | "headers"> & {
    signature: string | undefined;
    shopDomain: string | undefined;
};
type Headers = Readonly<Record<string, string | undefined>>;

const keptShopifyHeaders = [
    "x-shopify-topic",
    "x-shopify-shop-domain",
    "x-shopify-api-version",
    "x-shopify-webhook-id",
    "x-shopify-event-id",
    "x-shopify-triggered-at",
];
const maxHeaderLength = 255;

/** Reads the headers of a delivery. They are not signed: nothing that matters is decided from them. */
export function envelopeOf(platform: Platform, headers: Headers, body: Uint8Array): Envelope {
    if (platform !== "shopify") throw new Error(`No deliveries of ${platform} are read yet`);
    const topic = plain(headers["x-shopify-topic"]);
    const webhookId = plain(headers["x-shopify-webhook-id"]);
    return {
        // The webhook id, never the event id: two topics of one event share that.
        dedupeKey: webhookId || `${topic}:${createHash("sha256").update(body).digest("hex")}`,
        topic,
        headers: Object.fromEntries(
            keptShopifyHeaders.flatMap((name) => {
                const value = plain(headers[name]);
                return value ? [[name, value]] : [];
            })
        ),
        signature: headers["x-shopify-hmac-sha256"],
        shopDomain: headers["x-shopify-shop-domain"],
    };
}

/** Header text that Postgres can store: no NUL, no megabytes. */
const plain = (value: string | undefined): string =>
    (value ?? "").replaceAll("\0", "").slice(0, maxHeaderLength);
