import { Elysia, t } from "elysia";
import { type DeliverySummary, PurchasesContext, platforms } from "@/domain/purchases";
import { config } from "@/infrastructure/config";
import type { DeliveryId, MerchantId } from "@/utils/ids";
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

const Health = t.Object(
    {
        lastReceivedAt: orNull(Instant),
        oldestWaitingAt: orNull(Instant),
        waiting: t.Integer(),
        processed: t.Integer(),
        ignored: t.Integer(),
        dead: t.Integer(),
    },
    { description: "processed, ignored and dead: of the last 24 hours" }
);

const urlOf = (merchantId: MerchantId, platform: string) =>
    `${config.PUBLIC_URL}/external/v1/merchants/${merchantId}/webhooks/${platform}`;

const unauthorized = {
    401: ["AUTH_REQUIRED", "SESSION_ENDED", "API_KEY_INVALID"],
    403: ["ROLE_TOO_LOW", "SCOPE_MISSING", "MODE_MISMATCH"],
    404: ["MERCHANT_NOT_FOUND", "WEBHOOK_NOT_CONFIGURED"],
} as const;

const Shown = t.Object({
    url: t.String(),
    secret: t.String({ description: "Shown this once" }),
});

const setup = new Elysia({ prefix: "/merchants/:merchantId" })
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
                api: body.api,
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
                api: t.Optional(
                    t.Object(
                        {
                            url: t.String({ pattern: "^https?://", maxLength: 253 }),
                            key: t.String({
                                maxLength: 255,
                                description: "Consumer key, or Shopify's Admin API access token",
                            }),
                            secret: t.Optional(
                                t.String({ maxLength: 255, description: "Consumer secret" })
                            ),
                        },
                        {
                            description:
                                "Lets us ask the shop every hour for orders that it did not tell of. Off without",
                        }
                    )
                ),
            }),
            response: {
                200: Shown,
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
            const health = await deliveries.healthOf(merchantId, platform);
            return {
                url: urlOf(merchantId, platform),
                shopDomain: webhook.shopDomain,
                updatedAt: asInstant(webhook.updatedAt),
                disconnectedAt: asInstantOrNull(webhook.disconnectedAt),
                reconciledUntil: asInstantOrNull(webhook.reconciledUntil),
                health: {
                    ...health,
                    lastReceivedAt: asInstantOrNull(health.lastReceivedAt),
                    oldestWaitingAt: asInstantOrNull(health.oldestWaitingAt),
                },
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
                    disconnectedAt: orNull(Instant),
                    reconciledUntil: orNull(Instant),
                    health: Health,
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
    .post(
        "/webhooks/:platform/rotate",
        async ({ params: { merchantId, platform } }) => {
            const { secret } = await shopWebhooks.rotate(merchantId, platform);
            return { url: urlOf(merchantId, platform), secret };
        },
        {
            merchantAction: "webhooks:write",
            idempotent: true,
            params,
            response: { 200: Shown, ...refusals(unauthorized) },
            detail: {
                tags,
                summary: "A new secret for a platform",
                description: "The old one is still good for 24 hours.",
            },
        }
    );

/** Shop by shop what came, and once more if need be. */
const inbox = new Elysia({ prefix: "/merchants/:merchantId/webhook-deliveries" })
    .use(rateLimit)
    .use(merchantAction)
    .use(idempotent)
    .guard({ rateLimit: "dashboard" })
    .get(
        "",
        async ({ params, query }) => {
            const page = pageFrom(query);
            const { limit, before } = page;
            const filter = { limit: limit + 1, before, status: query.status };
            const rows = await deliveries.list(params.merchantId, filter);
            return toPage(rows, page, asDelivery);
        },
        {
            merchantAction: "webhooks:read",
            params: merchantParams,
            query: t.Composite([
                PageQuery,
                t.Object({
                    status: t.Optional(oneOf("received", "processed", "ignored", "dead")),
                }),
            ]),
            response: {
                200: pageOf(Delivery),
                ...refusals({ ...unauthorized, 400: ["INVALID_CURSOR"] }),
            },
            detail: { tags, summary: "What shops sent, dead letters included, newest first" },
        }
    )
    .post(
        "/:deliveryId/replay",
        async ({ params: { merchantId, deliveryId }, status }) =>
            status(202, asDelivery(await deliveries.replay(merchantId, deliveryId))),
        {
            merchantAction: "webhooks:write",
            idempotent: true,
            params: t.Object({
                merchantId: IdOf<MerchantId>(),
                deliveryId: IdOf<DeliveryId>(),
            }),
            response: {
                202: Delivery,
                ...refusals({
                    ...unauthorized,
                    404: ["MERCHANT_NOT_FOUND", "DELIVERY_NOT_FOUND"],
                    409: ["DELIVERY_ERASED"],
                }),
            },
            detail: {
                tags,
                summary: "Process a delivery once more",
                description: "Whatever became of it. Doing so twice changes nothing.",
            },
        }
    );

export const webhooks = new Elysia().use(setup).use(inbox);

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
