import { Elysia, t } from "elysia";
import { PurchasesContext } from "@/domain/purchases";
import { currentRequestId } from "@/infrastructure/observability/currentRequest";
import type { MerchantId } from "@/utils/ids";
import { rateLimit } from "../macros/rateLimit";
import { rawBody } from "../macros/rawBody";
import { IdOf, refusals } from "../schemas";

export const shopify = new Elysia()
    .use(rateLimit)
    .use(rawBody)
    .post(
        "/merchants/:merchantId/webhooks/shopify",
        ({ params, bytes, request }) =>
            PurchasesContext.services.inbox.receive({
                merchantId: params.merchantId,
                platform: "shopify",
                headers: Object.fromEntries(request.headers),
                body: bytes,
                requestId: currentRequestId(),
            }),
        {
            rateLimit: "webhooks",
            rawBody: true,
            params: t.Object({ merchantId: IdOf<MerchantId>() }),
            response: {
                200: t.Object({
                    status: t.String({ examples: ["accepted", "duplicate"] }),
                    deliveryId: t.String(),
                }),
                ...refusals({
                    401: ["SIGNATURE_INVALID"],
                    404: ["WEBHOOK_NOT_CONFIGURED"],
                    413: ["PAYLOAD_TOO_LARGE"],
                }),
            },
            detail: {
                tags: ["shops"],
                summary: "Shopify tells of an order or a refund",
                description:
                    "Signed in X-Shopify-Hmac-Sha256. Answered once the delivery is durable and before it is processed; 503 asks Shopify to send it again.",
                security: [{ shopifyHmac: [] }],
            },
        }
    );
