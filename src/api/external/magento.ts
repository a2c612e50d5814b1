import { Elysia } from "elysia";
import { rateLimit } from "../macros/rateLimit";
import { rawBody } from "../macros/rawBody";
import { acknowledged, merchantParams, takes } from "./takes";

export const magento = new Elysia()
    .use(rateLimit)
    .use(rawBody)
    .post("/merchants/:merchantId/webhooks/magento", takes("magento"), {
        rateLimit: "webhooks",
        rawBody: true,
        params: merchantParams,
        response: acknowledged,
        detail: {
            tags: ["shops"],
            summary: "Magento tells of an order",
            description:
                "Signed as Standard Webhooks has it (webhook-id, webhook-timestamp, webhook-signature), or in x-hmac-sha256 over the raw body.",
            security: [{ standardWebhooks: [] }, { plainHmac: [] }],
        },
    });
