import { Elysia } from "elysia";
import { eventTopic } from "@/domain/purchases";
import { serversKey } from "../macros/merchantAction";
import { rateLimit } from "../macros/rateLimit";
import { rawBody } from "../macros/rawBody";
import { acknowledged, acknowledgedToKeys, merchantParams, takes } from "./takes";

const security = [{ standardWebhooks: [] }, { plainHmac: [] }];

export const custom = new Elysia()
    .use(rateLimit)
    .use(rawBody)
    .use(serversKey)
    .guard({ rateLimit: "webhooks", rawBody: true, params: merchantParams })
    .post("/merchants/:merchantId/webhooks/custom", takes("custom"), {
        response: acknowledged,
        detail: {
            tags: ["shops"],
            summary: "A shop of its own tells of an order",
            description:
                'Signed as Standard Webhooks has it, or in x-hmac-sha256 over the raw body. The order as it is now, whole: `{ "id", "status": "pending" | "confirmed" | "refunded" | "cancelled", "currency", "total", "updatedAt", "test"?, "customerId"?, "clientId"?, "token"?, "codes"?, "landingUrl"?, "lines"?: [{ "id", "productId", "quantity", "unitPrice" }], "refunds"?: [{ "id", "amount", "lines"? }] }`. Amounts are decimal strings. A refund that is missing from a newer order is undone.',
            security,
        },
    })
    .post("/merchants/:merchantId/events", takes("custom", eventTopic), {
        serversKey: "events:write",
        response: acknowledgedToKeys,
        detail: {
            tags: ["shops"],
            summary: "A merchant's server saw somebody do something",
            description:
                'With an API key of the scope `events:write`, or signed with the secret of the custom webhook. `{ "customType", "idempotencyKey", "clientId" or "customerId", "data"?, "occurredAt"? }`; the same key counts once.',
            security: [{ apiKey: [] }, ...security],
        },
    });
