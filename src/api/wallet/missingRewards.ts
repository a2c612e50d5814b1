import { Elysia, t } from "elysia";
import { IdentityContext } from "@/domain/identity";
import { PurchasesContext } from "@/domain/purchases";
import { OrchestrationContext } from "@/orchestration";
import type { MerchantId } from "@/utils/ids";
import { idempotent } from "../macros/idempotency";
import { rateLimit } from "../macros/rateLimit";
import { visitor } from "../macros/visitor";
import { asMissingReward, MissingReward } from "../missingRewardView";
import { PageQuery, pageFrom, pageOf, toPage } from "../page";
import { IdOf, refusals } from "../schemas";

const { identities } = IdentityContext.services;
const { missingRewards: missing } = PurchasesContext.services;
const tags = ["rewards"];

export const missingRewards = new Elysia({ prefix: "/rewards/missing" })
    .use(rateLimit)
    .use(visitor)
    .use(idempotent)
    .guard({ rateLimit: "wallet", visitor: true })
    .post(
        "",
        async ({ body, visitor, status }) => {
            const { merchantId, orderId, purchasedAt, note } = body;
            const asked = await OrchestrationContext.missingReward.ask({
                merchantId,
                asker: visitor,
                orderId,
                purchasedAt: purchasedAt ? new Date(purchasedAt) : undefined,
                note,
            });
            return status(201, asMissingReward(asked));
        },
        {
            idempotent: true,
            body: t.Object({
                merchantId: IdOf<MerchantId>(),
                orderId: t.String({
                    minLength: 1,
                    maxLength: 100,
                    description: "As the person knows it: its number or its name",
                    examples: ["#1042"],
                }),
                purchasedAt: t.Optional(t.String({ format: "date-time" })),
                note: t.Optional(t.String({ maxLength: 1_000 })),
            }),
            response: {
                201: MissingReward,
                ...refusals({
                    401: ["AUTH_REQUIRED", "TOKEN_INVALID"],
                    403: ["MERCHANT_MISMATCH"],
                    404: ["MERCHANT_NOT_FOUND"],
                }),
            },
            detail: {
                tags,
                summary: "An order earned nothing although it should have",
                description:
                    "The merchant's staff answers by `answerDueAt`. The same question is asked once until it is answered.",
            },
        }
    )
    .get(
        "",
        async ({ query, visitor }) => {
            const page = pageFrom(query);
            const [groupId] = await identities.find([visitor]);
            const { limit, before } = page;
            const rows = groupId
                ? await missing.listOfGroup(groupId, { limit: limit + 1, before })
                : [];
            return toPage(rows, page, asMissingReward);
        },
        {
            query: t.Composite([
                PageQuery,
                t.Object({
                    merchantId: t.Optional(
                        IdOf<MerchantId>("Needed with x-client-id: a browser is known by shop")
                    ),
                }),
            ]),
            response: {
                200: pageOf(MissingReward),
                ...refusals({ 400: ["INVALID_CURSOR"], 401: ["AUTH_REQUIRED", "TOKEN_INVALID"] }),
            },
            detail: { tags, summary: "What the caller asked about, and what came of it" },
        }
    );
