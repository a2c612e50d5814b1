import { Elysia, t } from "elysia";
import { OrchestrationContext } from "@/orchestration";
import type { MerchantId, PurchaseId } from "@/utils/ids";
import { idempotent } from "../macros/idempotency";
import { rateLimit } from "../macros/rateLimit";
import { sdkVisitor } from "../macros/sdkVisitor";
import { trackedVisitor } from "../macros/visitor";
import { IdOf, refusals } from "../schemas";
import { arrivalShape, asCustomEvent, customShape, Opened, shareShape } from "./trackedShapes";

const { arrival, interactionTracking, purchaseClaim } = OrchestrationContext;

const tags = ["tracking"];

const visitorRoutes = new Elysia()
    .use(rateLimit)
    .use(trackedVisitor)
    .use(idempotent)
    .guard({ rateLimit: "sdk", trackedVisitor: true })
    .post(
        "/arrival",
        ({ body, visitor }) => {
            const { merchantId, landingUrl, referralCode, utm } = body;
            return arrival.record({ merchantId, visitor, landingUrl, referralCode, utm });
        },
        {
            idempotent: true,
            body: arrivalShape(),
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
        "/share",
        ({ body, visitor }) => {
            const { merchantId, shareId, purchaseId } = body;
            return interactionTracking.share({ merchantId, visitor, shareId, purchaseId });
        },
        {
            idempotent: true,
            body: shareShape(),
            response: {
                200: Opened,
                ...refusals({
                    401: ["AUTH_REQUIRED", "TOKEN_INVALID"],
                    403: ["MERCHANT_MISMATCH"],
                    404: ["MERCHANT_NOT_FOUND"],
                }),
            },
            detail: {
                tags,
                summary: "Somebody shared their link",
                description:
                    "The same `shareId`, or the same purchase where there is none, counts once for a person.",
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

const sdkRoutes = new Elysia()
    .use(rateLimit)
    .use(sdkVisitor)
    .use(idempotent)
    .guard({ rateLimit: "sdk", sdkVisitor: true })
    .post(
        "/custom",
        ({ body, visitor }) => interactionTracking.custom(asCustomEvent(body, visitor)),
        {
            idempotent: true,
            body: customShape(),
            response: {
                200: Opened,
                ...refusals({
                    401: ["AUTH_REQUIRED", "TOKEN_INVALID"],
                    403: ["MERCHANT_MISMATCH"],
                    404: ["MERCHANT_NOT_FOUND"],
                }),
            },
            detail: {
                tags,
                summary: "Something else happened that a campaign may reward",
                description:
                    "Conditions see `data` as `custom.*`, and the type as `custom.customType`. One `idempotencyKey` of one person counts once.",
            },
        }
    );

export const tracking = new Elysia({ prefix: "/track" }).use(visitorRoutes).use(sdkRoutes);
