import { Elysia } from "elysia";
import { rateLimit } from "../macros/rateLimit";
import { rawBody } from "../macros/rawBody";
import { acknowledged, merchantParams, takes } from "./takes";

export const shopify = new Elysia()
    .use(rateLimit)
    .use(rawBody)
    .post("/merchants/:merchantId/webhooks/shopify", takes("shopify"), {
        rateLimit: "webhooks",
        rawBody: true,
        params: merchantParams,
        response: acknowledged,
        detail: {
            tags: ["shops"],
            summary: "Shopify tells of an order or a refund",
            description:
                "Signed in X-Shopify-Hmac-Sha256. Orders, refunds, transactions, the end of an app and the compliance topics. Answered once the delivery is durable and before it is processed; 503 asks Shopify to send it again.",
            security: [{ shopifyHmac: [] }],
        },
    });
