import { Elysia, t } from "elysia";
import { PurchasesContext } from "@/domain/purchases";
import { currentRequestId } from "@/infrastructure/observability/currentRequest";
import { OrchestrationContext } from "@/orchestration";
import type { MerchantId, MissingRewardId, PurchaseId } from "@/utils/ids";
import { oneOf } from "@/utils/schema";
import { idempotent } from "../macros/idempotency";
import { merchantAction } from "../macros/merchantAction";
import { rateLimit } from "../macros/rateLimit";
import { asMissingReward, MissingReward } from "../missingRewardView";
import { PageQuery, pageFrom, pageOf, toPage } from "../page";
import { IdOf, refusals } from "../schemas";

const { missingReward } = OrchestrationContext;
const { missingRewards } = PurchasesContext.services;
const tags = ["missing rewards"];
const params = t.Object({ merchantId: IdOf<MerchantId>(), claimId: IdOf<MissingRewardId>() });
const unauthorized = {
    401: ["AUTH_REQUIRED", "SESSION_ENDED", "API_KEY_INVALID"],
    403: ["ROLE_TOO_LOW", "SCOPE_MISSING", "MODE_MISMATCH"],
    404: ["MERCHANT_NOT_FOUND", "MISSING_REWARD_NOT_FOUND"],
} as const;

/** Where the merchant's staff answers who asks for a reward that did not come. */
export const missingRewardDesk = new Elysia({ prefix: "/merchants/:merchantId/missing-rewards" })
    .use(rateLimit)
    .use(merchantAction)
    .use(idempotent)
    .guard({ rateLimit: "dashboard", merchantAction: "rewards:write" })
    .get(
        "",
        async ({ params, query }) => {
            const page = pageFrom(query);
            const { limit, before } = page;
            const filter = { limit: limit + 1, before, status: query.status };
            const rows = await missingRewards.listOfMerchant(params.merchantId, filter);
            return toPage(rows, page, asMissingReward);
        },
        {
            params: t.Object({ merchantId: IdOf<MerchantId>() }),
            query: t.Composite([
                PageQuery,
                t.Object({ status: t.Optional(oneOf("open", "approved", "rejected")) }),
            ]),
            response: {
                200: pageOf(MissingReward),
                ...refusals({ ...unauthorized, 400: ["INVALID_CURSOR"] }),
            },
            detail: { tags, summary: "Who asks for rewards that did not come, newest first" },
        }
    )
    .post(
        "/:claimId/approve",
        async ({ params, body, session }) =>
            asMissingReward(
                await missingReward.approve({
                    merchantId: params.merchantId,
                    id: params.claimId,
                    actor: session.subject,
                    requestId: currentRequestId(),
                    reason: body.reason,
                    purchaseId: body.purchaseId,
                })
            ),
        {
            idempotent: true,
            params,
            body: t.Object({
                purchaseId: t.Optional(IdOf<PurchaseId>("When several orders have that name")),
                reason: t.Optional(t.String({ maxLength: 1_000 })),
            }),
            response: {
                200: MissingReward,
                ...refusals({
                    ...unauthorized,
                    409: ["ALREADY_ANSWERED", "ALREADY_LINKED", "ORDER_UNKNOWN", "ORDER_AMBIGUOUS"],
                }),
            },
            detail: {
                tags,
                summary: "Yes: the order is theirs",
                description:
                    "The order becomes the asker's and is evaluated as of its own time. An order of the last 30 days that the shop has not told of is linked when it does.",
            },
        }
    )
    .post(
        "/:claimId/reject",
        async ({ params, body, session }) =>
            asMissingReward(
                await missingReward.reject({
                    merchantId: params.merchantId,
                    id: params.claimId,
                    actor: session.subject,
                    requestId: currentRequestId(),
                    reason: body.reason,
                })
            ),
        {
            idempotent: true,
            params,
            body: t.Object({ reason: t.String({ minLength: 1, maxLength: 1_000 }) }),
            response: {
                200: MissingReward,
                ...refusals({ ...unauthorized, 409: ["ALREADY_ANSWERED"] }),
            },
            detail: { tags, summary: "No, and why not: the asker is shown it" },
        }
    );
