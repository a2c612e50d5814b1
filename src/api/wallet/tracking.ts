import { Elysia, t } from "elysia";
import { OrchestrationContext } from "@/orchestration";
import type { MerchantId, PurchaseId } from "@/utils/ids";
import { idempotent } from "../macros/idempotency";
import { rateLimit } from "../macros/rateLimit";
import { visitor } from "../macros/visitor";
import { IdOf, refusals } from "../schemas";

const { arrival, purchaseClaim } = OrchestrationContext;

const tags = ["tracking"];
const UtmText = t.Optional(t.String({ maxLength: 255 }));

export const tracking = new Elysia({ prefix: "/track" })
    .use(rateLimit)
    .use(visitor)
    .use(idempotent)
    .guard({ rateLimit: "sdk", visitor: true })
    .post(
        "/arrival",
        ({ body, visitor }) => {
            const { merchantId, landingUrl, referralCode, utm } = body;
            return arrival.record({ merchantId, visitor, landingUrl, referralCode, utm });
        },
        {
            idempotent: true,
            body: t.Object({
                merchantId: IdOf<MerchantId>(),
                landingUrl: t.Optional(t.String({ maxLength: 4_096 })),
                referralCode: t.Optional(t.String({ pattern: "^\\w{1,64}$" })),
                utm: t.Optional(
                    t.Object({
                        source: UtmText,
                        medium: UtmText,
                        campaign: UtmText,
                        term: UtmText,
                        content: UtmText,
                    })
                ),
            }),
            response: {
                200: t.Object({ touchpointId: t.String(), referred: t.Boolean() }),
                ...refusals({
                    401: ["AUTH_REQUIRED", "TOKEN_INVALID"],
                    404: ["MERCHANT_NOT_FOUND"],
                }),
            },
            detail: {
                tags,
                summary: "Somebody came to a shop",
                description:
                    "With a referral code, or a landing address that has one, it is noted who brought them. An unknown code is no error.",
            },
        }
    )
    .post(
        "/purchase",
        async ({ body, visitor }) => {
            const { merchantId, orderId, token } = body;
            const claim = { merchantId, orderId, token, claimant: visitor };
            const { id, status, groupId } = await purchaseClaim.claim(claim);
            if (status === "awaited" || !groupId) return { status: "awaitingWebhook" };
            return { status: "linked", purchaseId: id };
        },
        {
            idempotent: true,
            body: t.Object({
                merchantId: IdOf<MerchantId>(),
                orderId: t.String({ minLength: 1, maxLength: 100 }),
                token: t.String({ minLength: 1, maxLength: 255 }),
                customerId: t.Optional(t.String({ maxLength: 100 })),
            }),
            response: {
                200: t.Object({
                    status: t.String({ examples: ["linked", "awaitingWebhook"] }),
                    purchaseId: t.Optional(t.Unsafe<PurchaseId>(t.String())),
                }),
                ...refusals({
                    401: ["AUTH_REQUIRED", "TOKEN_INVALID"],
                    403: ["WRONG_TOKEN", "MERCHANT_MISMATCH"],
                    404: ["WEBHOOK_NOT_CONFIGURED"],
                    409: ["CLAIM_TOO_LATE"],
                }),
            },
            detail: {
                tags,
                summary: "This order is mine",
                description:
                    "Before or after the shop tells of the order. The token is the order's own (checkout, cart or order token) and proves it.",
            },
        }
    );
