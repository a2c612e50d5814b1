import { type Adapter, hashOf, isHmac, kept, plain, type Signed } from "./Adapter";
import { readWooCommerce } from "./woocommerce";

const keptHeaders = [
    "x-wc-webhook-source",
    "x-wc-webhook-topic",
    "x-wc-webhook-id",
    "x-wc-webhook-delivery-id",
];

/** What WordPress's `wp_specialchars_decode(…, ENT_QUOTES)` decodes, and nothing else. */
const specialCharacters: [RegExp, string][] = [
    [/&lt;|&#0*60;|&#x0*3c;/gi, "<"],
    [/&gt;|&#0*62;|&#x0*3e;/gi, ">"],
    [/&quot;|&#0*34;|&#x0*22;/gi, '"'],
    [/&#0*39;|&#x0*27;|&apos;/gi, "'"],
    [/&amp;|&#0*38;|&#x0*26;/gi, "&"],
];
const decoded = (secret: string): string =>
    specialCharacters.reduce((text, [entity, letter]) => text.replace(entity, letter), secret);

/** Sent once when a webhook is saved: unsigned, a form with the webhook's number, about no order at all. */
export const isPing = ({ headers, body }: Signed): boolean =>
    headers["x-wc-webhook-signature"] === undefined &&
    body.length < 64 &&
    /^webhook_id=\d+$/.test(Buffer.from(body).toString("latin1"));

export const wooCommerceAdapter: Adapter = {
    /** The shop signs with its secret as its HTML says it, or as it was meant. */
    isSigned({ headers, body }, secret) {
        const given = Buffer.from(headers["x-wc-webhook-signature"] ?? "", "base64");
        const meant = decoded(secret);
        const isAsWritten = isHmac(given, body, secret);
        return isAsWritten || (meant !== secret && isHmac(given, body, meant));
    },
    /** Its own delivery id repeats within a second, so a delivery is known by what it says. */
    envelopeOf({ headers, body }) {
        const topic = plain(headers["x-wc-webhook-topic"]);
        const said = saidOf(body);
        // A deletion says nothing but a number, and an order can be deleted again after it was restored.
        const unique = said ?? `${hashOf(body)} ${plain(headers["x-wc-webhook-delivery-id"])}`;
        return {
            dedupeKey: hashOf(`${topic} ${unique}`),
            topic,
            headers: kept(headers, keptHeaders),
        };
    },
    read: readWooCommerce,
};

type Said = {
    id?: unknown;
    date_modified_gmt?: unknown;
    status?: unknown;
    refunds?: { id?: unknown }[];
};

function saidOf(body: Uint8Array): string | undefined {
    try {
        const order = JSON.parse(Buffer.from(body).toString()) as Said;
        if (!order.date_modified_gmt) return undefined;
        const refunds = (order.refunds ?? []).map(({ id }) => String(id)).sort();
        return JSON.stringify([String(order.id), order.date_modified_gmt, order.status, refunds]);
    } catch {
        return undefined;
    }
}
