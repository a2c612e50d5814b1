import { createHmac, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";

/** What makes an order another one than Shopify's sample. Money is a decimal in USD, the sample's currency. */
export type OrderChange = {
    id: string;
    clientId?: string;
    customerId?: string;
    email?: string;
    codes?: string[];
    landingSite?: string;
    token?: string;
    total?: string;
    subtotal?: string;
    financialStatus?: string;
    cancelledAt?: string | null;
    placedAt?: Date;
    updatedAt?: Date;
};
export type SignedDelivery = { body: string; headers: Record<string, string> };

type Fields = Record<string, unknown>;
type RawJson = typeof JSON & { rawJSON(text: string): unknown };
type SourceReviver = (key: string, value: unknown, context: { source: string }) => unknown;

const sample = readFileSync(new URL("./orderPaidSample.json", import.meta.url), "utf8");

/** Shopify's official sample of `orders/paid` (API 2026-04) as another order: every digit of its ids is kept. */
export function shopifyOrder(change: OrderChange): string {
    const order = parseExact(sample);
    const placedAt = (change.placedAt ?? new Date()).toISOString();
    return JSON.stringify({
        ...order,
        id: exactly(change.id),
        admin_graphql_api_id: `gid://shopify/Order/${change.id}`,
        name: `#${change.id.slice(-5)}`,
        financial_status: change.financialStatus ?? "paid",
        cancel_reason: null,
        cancelled_at: change.cancelledAt ?? null,
        confirmed: true,
        test: false,
        created_at: placedAt,
        processed_at: placedAt,
        updated_at: (change.updatedAt ?? new Date()).toISOString(),
        token: change.token ?? "123456abcd",
        ...buyerOf(change),
        ...(change.total ? { total_price: change.total, total_price_set: null } : {}),
        ...(change.subtotal ? { subtotal_price: change.subtotal } : {}),
    });
}

/** The sample's customer would be everybody's, so there is none unless somebody is named. */
const buyerOf = ({ clientId, customerId, email, codes, landingSite }: OrderChange) => ({
    note_attributes: clientId ? [{ name: "_client_id", value: clientId }] : [],
    customer: customerId ? { id: exactly(customerId) } : null,
    email: email ?? null,
    discount_codes: (codes ?? []).map((code) => ({ code })),
    landing_site: landingSite ?? null,
});

/** As Shopify sends it: the MAC is over the bytes of the body. */
export function signed(
    body: string,
    secret: string,
    { topic = "orders/paid", webhookId = randomUUID() as string } = {}
): SignedDelivery {
    return {
        body,
        headers: {
            "content-type": "application/json",
            "user-agent": "Shopify-Captain-Hook",
            "x-shopify-topic": topic,
            "x-shopify-webhook-id": webhookId,
            "x-shopify-api-version": "2026-04",
            "x-shopify-hmac-sha256": createHmac("sha256", secret).update(body).digest("base64"),
        },
    };
}

const exactly = (digits: string): unknown => (JSON as RawJson).rawJSON(digits);

function parseExact(text: string): Fields {
    const keepDigits: SourceReviver = (_, value, { source }) =>
        typeof value === "number" ? exactly(source) : value;
    return (JSON.parse as (text: string, reviver: SourceReviver) => Fields)(text, keepDigits);
}
