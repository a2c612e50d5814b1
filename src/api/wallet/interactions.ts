import type { TSchema } from "@sinclair/typebox";
import { Elysia, type Static, t } from "elysia";
import { log } from "@/infrastructure/observability/log";
import { OrchestrationContext } from "@/orchestration";
import { DomainError, ForbiddenError } from "@/utils/errors";
import type { MerchantId } from "@/utils/ids";
import { assertShape, oneOf } from "@/utils/schema";
import { idempotent } from "../macros/idempotency";
import { rateLimit } from "../macros/rateLimit";
import { type SdkVisitor, sdkVisitor } from "../macros/sdkVisitor";
import { refusals } from "../schemas";
import { arrivalShape, asCustomEvent, customShape, shareShape } from "./trackedShapes";

const { arrival, interactionTracking } = OrchestrationContext;

const [ArrivalItem, ShareItem, CustomItem] = [arrivalShape(), shareShape(), customShape()];
const Kind = t.Object({ type: oneOf("arrival", "share", "custom") });
const Result = t.Object({
    status: t.String({ examples: ["ok", "failed"] }),
    touchpointId: t.Optional(t.String()),
    referred: t.Optional(t.Boolean()),
    interactionId: t.Optional(t.String()),
    duplicate: t.Optional(t.Boolean()),
    error: t.Optional(
        t.Object({
            code: t.String({ examples: ["INVALID_REQUEST", "MERCHANT_NOT_FOUND"] }),
            message: t.String(),
            details: t.Optional(t.Array(t.Object({ path: t.String(), message: t.String() }))),
        })
    ),
});

export const interactions = new Elysia({ prefix: "/interactions" })
    .use(rateLimit)
    .use(sdkVisitor)
    .use(idempotent)
    .guard({ rateLimit: "sdk", sdkVisitor: true })
    .post(
        "/push",
        async ({ body, visitor, boundTo }) => ({
            results: await Promise.all(
                body.interactions.map((item) => resultOf(item, { visitor, boundTo }))
            ),
        }),
        {
            idempotent: true,
            body: t.Object({
                interactions: t.Array(t.Unknown(), {
                    minItems: 1,
                    maxItems: 100,
                    description:
                        "Each with its `type` (arrival, share or custom) and the fields of the route of that name",
                }),
            }),
            response: {
                200: t.Object({ results: t.Array(Result) }),
                ...refusals({ 401: ["AUTH_REQUIRED", "TOKEN_INVALID"] }),
            },
            detail: {
                tags: ["tracking"],
                summary: "Many things that happened, at once",
                description:
                    "One result for each, in order. What is wrong with one is said in its place and fails none of the others.",
            },
        }
    );

/** A defect of ours is logged whole and told to nobody, here as everywhere. */
async function resultOf(item: unknown, who: SdkVisitor): Promise<Static<typeof Result>> {
    try {
        return { status: "ok", ...(await push(item, who)) };
    } catch (error) {
        if (error instanceof DomainError) {
            const { code, message, details } = error;
            const told = { code, message, ...(details ? { details: [...details] } : {}) };
            return { status: "failed", error: told };
        }
        log.error({ err: error }, "a pushed interaction failed");
        const message = "Something went wrong on our side";
        return { status: "failed", error: { code: "INTERNAL", message } };
    }
}

async function push(item: unknown, { visitor, boundTo }: SdkVisitor) {
    const { type } = shaped(Kind, item);
    if (type === "arrival") {
        const { merchantId, landingUrl, referralCode, utm } = shaped(ArrivalItem, item);
        assertBound(merchantId, boundTo);
        return arrival.record({ merchantId, visitor, landingUrl, referralCode, utm });
    }
    if (type === "share") {
        const { merchantId, shareId, purchaseId } = shaped(ShareItem, item);
        assertBound(merchantId, boundTo);
        return interactionTracking.share({ merchantId, visitor, shareId, purchaseId });
    }
    const body = shaped(CustomItem, item);
    assertBound(body.merchantId, boundTo);
    return interactionTracking.custom(asCustomEvent(body, visitor));
}

function shaped<Schema extends TSchema>(schema: Schema, item: unknown): Static<Schema> {
    assertShape(schema, item);
    return item;
}

/** A token that was minted on a shop's page speaks for its holder on that shop alone. */
function assertBound(merchantId: MerchantId, boundTo: MerchantId | null): void {
    if (boundTo === null || boundTo === merchantId) return;
    throw new ForbiddenError("MERCHANT_MISMATCH", "This token was made for another shop");
}
