import { Elysia, t } from "elysia";
import { type DeliverySummary, PurchasesContext, platforms } from "@/domain/purchases";
import { config } from "@/infrastructure/config";
import type { MerchantId } from "@/utils/ids";
import { oneOf } from "@/utils/schema";
import { idempotent } from "../macros/idempotency";
import { merchantAction } from "../macros/merchantAction";
import { rateLimit } from "../macros/rateLimit";
import { PageQuery, pageFrom, pageOf, toPage } from "../page";
import { asInstant, asInstantOrNull, IdOf, Instant, orNull, refusals } from "../schemas";

const { shopWebhooks, deliveries } = PurchasesContext.services;
const tags = ["webhooks"];
const merchantParams = t.Object({ merchantId: IdOf<MerchantId>() });
const params = t.Object({ merchantId: IdOf<MerchantId>(), platform: oneOf(...platforms) });

const Delivery = t.Object({
    id: t.String(),
    platform: t.String(),
    topic: t.String(),
    externalId: orNull(t.String()),
    status: t.String({ examples: ["received", "processed", "ignored", "dead"] }),
    attempts: t.Integer(),
    reason: orNull(t.String()),
    receivedAt: Instant,
    processedAt: orNull(Instant),
});

const urlOf = (merchantId: MerchantId, platform: string) =>
    `${config.PUBLIC_URL}/external/v1/merchants/${merchantId}/webhooks/${platform}`;

const unauthorized = {
    401: ["AUTH_REQUIRED", "SESSION_ENDED", "API_KEY_INVALID"],
    403: ["ROLE_TOO_LOW", "SCOPE_MISSING", "MODE_MISMATCH"],
    404: ["MERCHANT_NOT_FOUND", "WEBHOOK_NOT_CONFIGURED"],
} as const;

export const webhooks = new Elysia({ prefix: "/merchants/:merchantId" })
    .use(rateLimit)
    .use(merchantAction)
    .use(idempotent)
    .guard({ rateLimit: "dashboard" })
    .put(
        "/webhooks/:platform",
        async ({ params: { merchantId, platform }, body }) => {
            const { secret } = await shopWebhooks.put(merchantId, platform, {
                secret: body.secret,
                shopDomain: body.shopDomain,
            });
            return { url: urlOf(merchantId, platform), secret };
        },
        {
            merchantAction: "webhooks:write",
            idempotent: true,
            params,
            body: t.Object({
                secret: t.Optional(
                    t.String({
                        maxLength: 255,
                        description: "At least 24 characters; made if absent",
                    })
                ),
                shopDomain: t.Optional(
                    t.String({ maxLength: 253, examples: ["tea.myshopify.com"] })
                ),
            }),
            response: {
                200: t.Object({
                    url: t.String(),
                    secret: t.String({ description: "Shown this once" }),
                }),
                ...refusals({ ...unauthorized, 400: ["SECRET_TOO_SHORT"] }),
            },
            detail: {
                tags,
                summary: "Take orders from a shop platform",
                description: "A new secret replaces the old one, which is still good for 24 hours.",
            },
        }
    )
    .get(
        "/webhooks/:platform",
        async ({ params: { merchantId, platform } }) => {
            const webhook = await shopWebhooks.get(merchantId, platform);
            return {
                url: urlOf(merchantId, platform),
                shopDomain: webhook.shopDomain,
                updatedAt: asInstant(webhook.updatedAt),
            };
        },
        {
            merchantAction: "webhooks:read",
            params,
            response: {
                200: t.Object({
                    url: t.String(),
                    shopDomain: orNull(t.String()),
                    updatedAt: Instant,
                }),
                ...refusals(unauthorized),
            },
            detail: { tags, summary: "How a platform's orders come in; never the secret" },
        }
    )
    .delete(
        "/webhooks/:platform",
        async ({ params: { merchantId, platform }, status }) => {
            await shopWebhooks.remove(merchantId, platform);
            return status(204, undefined);
        },
        {
            merchantAction: "webhooks:write",
            idempotent: true,
            params,
            response: { 204: t.Void(), ...refusals(unauthorized) },
            detail: { tags, summary: "Take no more orders from a platform" },
        }
    )
    .get(
        "/webhook-deliveries",
        async ({ params, query }) => {
            const page = pageFrom(query);
            const { limit, before } = page;
            const rows = await deliveries.list(params.merchantId, { limit: limit + 1, before });
            return toPage(rows, page, asDelivery);
        },
        {
            merchantAction: "webhooks:read",
            params: merchantParams,
            query: PageQuery,
            response: {
                200: pageOf(Delivery),
                ...refusals({ ...unauthorized, 400: ["INVALID_CURSOR"] }),
            },
            detail: { tags, summary: "What shops sent, dead letters included, newest first" },
        }
    );

const asDelivery = (delivery: DeliverySummary) => ({
    id: delivery.id,
    platform: delivery.platform,
    topic: delivery.topic,
    externalId: delivery.externalId,
    status: delivery.status,
    attempts: delivery.attempts,
    reason: delivery.reason,
    receivedAt: asInstant(delivery.receivedAt),
    processedAt: asInstantOrNull(delivery.processedAt),
});
