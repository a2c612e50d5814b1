import { Elysia, t } from "elysia";
import { type RewardStatus, RewardsContext, rewardStatuses } from "@/domain/rewards";
import { OrchestrationContext } from "@/orchestration";
import { ReadContext } from "@/orchestration/read";
import { NotFoundError } from "@/utils/errors";
import type { CampaignId, MerchantId, PurchaseId, RewardId } from "@/utils/ids";
import { Period, SomeOf } from "../filters";
import { idempotent } from "../macros/idempotency";
import {
    allowed,
    type BusinessCaller,
    businessCaller,
    merchantAction,
} from "../macros/merchantAction";
import { rateLimit } from "../macros/rateLimit";
import { PageQuery, pageFrom, pageOf, toPage } from "../page";
import { IdOf, refusals } from "../schemas";
import { asReward, Reward } from "../views";

const tags = ["rewards"];
const unauthorized = {
    401: ["AUTH_REQUIRED", "SESSION_ENDED", "API_KEY_INVALID"],
    403: ["ROLE_TOO_LOW", "SCOPE_MISSING", "MODE_MISMATCH"],
} as const;

const ofMerchant = new Elysia({ prefix: "/merchants/:merchantId/rewards" })
    .use(rateLimit)
    .use(merchantAction)
    .get(
        "",
        async ({ params, query }) => {
            const page = pageFrom(query);
            const rows = await ReadContext.rewards.findOfMerchant(params.merchantId, {
                ...query,
                limit: page.limit + 1,
                before: page.before,
            });
            return toPage(rows, page, asReward);
        },
        {
            rateLimit: "dashboard",
            merchantAction: "rewards:read",
            params: t.Object({ merchantId: IdOf<MerchantId>() }),
            query: t.Composite([
                PageQuery,
                Period,
                t.Object({
                    status: t.Optional(SomeOf<RewardStatus>(rewardStatuses)),
                    campaignId: t.Optional(IdOf<CampaignId>()),
                    purchaseId: t.Optional(IdOf<PurchaseId>()),
                }),
            ]),
            response: {
                200: pageOf(Reward),
                ...refusals({
                    ...unauthorized,
                    400: ["INVALID_CURSOR"],
                    404: ["MERCHANT_NOT_FOUND"],
                }),
            },
            detail: { tags, summary: "What a merchant owes and has paid, newest first" },
        }
    );

const single = new Elysia({ prefix: "/rewards/:id" })
    .use(rateLimit)
    .use(businessCaller)
    .use(idempotent)
    .post(
        "/cancel",
        async ({ params, body, session }) => {
            await assertOwn(session, params.id);
            await OrchestrationContext.rewardCancellation.cancel(params.id, body.reason);
            const view = await ReadContext.rewards.find(params.id);
            if (!view) throw notFound();
            return asReward(view);
        },
        {
            rateLimit: "dashboard",
            businessCaller: true,
            idempotent: true,
            params: t.Object({ id: IdOf<RewardId>() }),
            body: t.Object({
                reason: t.String({ minLength: 1, maxLength: 200, examples: ["fraud"] }),
            }),
            response: {
                200: Reward,
                ...refusals({
                    ...unauthorized,
                    404: ["REWARD_NOT_FOUND"],
                    409: ["REWARD_NOT_CANCELLABLE"],
                }),
            },
            detail: {
                tags,
                summary: "Take a reward back, for good",
                description: "Until it is being paid. Its amount is free in the budget again.",
            },
        }
    );

export const rewardRoutes = new Elysia().use(ofMerchant).use(single);

/** To the staff of other merchants a reward does not exist. */
async function assertOwn(session: BusinessCaller, id: RewardId): Promise<void> {
    const { merchantId } = await RewardsContext.services.rewards.get(id);
    await allowed(session, merchantId, "rewards:write").catch((error: unknown) => {
        throw error instanceof NotFoundError ? notFound() : error;
    });
}

const notFound = () => new NotFoundError("REWARD_NOT_FOUND", "There is no such reward");
