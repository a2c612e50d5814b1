import { Elysia } from "elysia";
import { rateLimit } from "../macros/rateLimit";
import { rawBody } from "../macros/rawBody";
import { acknowledged, merchantParams, takes } from "./takes";

export const woocommerce = new Elysia()
    .use(rateLimit)
    .use(rawBody)
    .post("/merchants/:merchantId/webhooks/woocommerce", takes("woocommerce"), {
        rateLimit: "webhooks",
        rawBody: true,
        params: merchantParams,
        response: acknowledged,
        detail: {
            tags: ["shops"],
            summary: "WooCommerce tells of an order",
            description:
                "Signed in X-WC-Webhook-Signature, with the secret as it is or as its HTML says it. The unsigned ping that WooCommerce sends when a webhook is saved is answered with `ignored`.",
            security: [{ wooCommerceHmac: [] }],
        },
    });
