import { Elysia, t } from "elysia";
import { IdentityContext } from "@/domain/identity";
import { type RewardStatus, RewardsContext, rewardStatuses } from "@/domain/rewards";
import { ReadContext, type RewardView } from "@/orchestration/read";
import { ForbiddenError, NotFoundError } from "@/utils/errors";
import type { CampaignId, GroupId, MerchantId, PurchaseId, RewardId } from "@/utils/ids";
import {
    asLiabilityProof,
    asRewardLeaf,
    LiabilityProofShape,
    RewardProofShape,
} from "../common/epochs";
import { Period, SomeOf } from "../filters";
import { rateLimit } from "../macros/rateLimit";
import { type Visitor, visitor } from "../macros/visitor";
import { PageQuery, pageFrom, pageOf, toPage } from "../page";
import { IdOf, orNull, refusals } from "../schemas";
import { asReward, asWhy, Reward, Why } from "../views";

const { epochs } = RewardsContext.services;
const { identities } = IdentityContext.services;
const tags = ["rewards"];
const params = t.Object({ id: IdOf<RewardId>() });
const MerchantQuery = t.Object({
    merchantId: t.Optional(IdOf<MerchantId>("Needed with x-client-id: a browser is known by shop")),
});

const Filters = t.Object({
    status: t.Optional(SomeOf<RewardStatus>(rewardStatuses)),
    campaignId: t.Optional(IdOf<CampaignId>()),
    purchaseId: t.Optional(IdOf<PurchaseId>()),
});

const MyReward = t.Object({
    ...Reward.properties,
    merchant: t.Object({ id: t.String(), name: t.String() }),
    trigger: t.String(),
    code: orNull(t.String({ description: "Of a discount: good for one order" })),
    order: orNull(t.String({ description: "The order as its shop names it" })),
});

export const walletRewards = new Elysia({ prefix: "/rewards" })
    .use(rateLimit)
    .use(visitor)
    .guard({ rateLimit: "wallet", visitor: true })
    .get(
        "",
        async ({ query, visitor }) => {
            const page = pageFrom(query);
            const groupId = await groupOf(visitor);
            const filter = { ...query, limit: page.limit + 1, before: page.before };
            const rows = groupId ? await ReadContext.rewards.findOfGroup(groupId, filter) : [];
            return toPage(rows, page, asMyReward);
        },
        {
            query: t.Composite([PageQuery, MerchantQuery, Period, Filters]),
            response: {
                200: pageOf(MyReward),
                ...refusals({ 400: ["INVALID_CURSOR"], 401: ["AUTH_REQUIRED", "TOKEN_INVALID"] }),
            },
            detail: { tags, summary: "What the caller earned, newest first" },
        }
    )
    .get(
        "/:id",
        async ({ params, query, visitor }) =>
            asMyReward(await mine(params.id, visitor, query.merchantId)),
        {
            params,
            query: MerchantQuery,
            response: {
                200: MyReward,
                ...refusals({
                    401: ["AUTH_REQUIRED", "TOKEN_INVALID"],
                    403: ["NOT_YOURS"],
                    404: ["REWARD_NOT_FOUND"],
                }),
            },
            detail: { tags, summary: "One reward of the caller" },
        }
    )
    .get(
        "/:id/proof",
        async ({ params, query, visitor }) => {
            await mine(params.id, visitor, query.merchantId);
            const [paid, owed] = await Promise.all([
                epochs.rewardProof(params.id),
                epochs.liabilityProof(params.id),
            ]);
            return {
                payment: paid
                    ? {
                          epoch: paid.leaf.epoch.toString(),
                          kind: "reward" as const,
                          root: paid.leaf.rewardsRoot,
                          leaf: asRewardLeaf(paid.leaf),
                          proof: paid.proof,
                      }
                    : null,
                liability: owed
                    ? { epoch: owed.publication.epoch.toString(), ...asLiabilityProof(owed) }
                    : null,
            };
        },
        {
            params,
            query: MerchantQuery,
            response: {
                200: t.Object({
                    payment: orNull(
                        t.Object({ epoch: t.String(), ...RewardProofShape.properties })
                    ),
                    liability: orNull(
                        t.Object({ epoch: t.String(), ...LiabilityProofShape.properties })
                    ),
                }),
                ...refusals({
                    401: ["AUTH_REQUIRED", "TOKEN_INVALID"],
                    403: ["NOT_YOURS"],
                    404: ["REWARD_NOT_FOUND"],
                }),
            },
            detail: {
                tags,
                summary: "That a reward is in a published root",
                description:
                    "`payment` is of the batch that pays it, `liability` of what was owed when the last epoch closed; null where it is in none.",
            },
        }
    )
    .get(
        "/:id/why",
        async ({ params, query, visitor }) => {
            const { interactionId } = await mine(params.id, visitor, query.merchantId);
            const why = await ReadContext.why.findOfInteraction(interactionId);
            if (!why) throw rewardNotFound();
            return asWhy(why);
        },
        {
            params,
            query: MerchantQuery,
            response: {
                200: Why,
                ...refusals({
                    401: ["AUTH_REQUIRED", "TOKEN_INVALID"],
                    403: ["NOT_YOURS"],
                    404: ["REWARD_NOT_FOUND"],
                }),
            },
            detail: {
                tags,
                summary: "Why a reward is what it is: every decision about what earned it",
            },
        }
    );

/** Where a shop is named, only what was earned there: a token that is good on one shop alone must name it. */
async function mine(id: RewardId, visitor: Visitor, shop?: MerchantId): Promise<RewardView> {
    const reward = await ReadContext.rewards.find(id);
    if (!reward || (shop && reward.merchantId !== shop)) throw rewardNotFound();
    if (reward.groupId === (await groupOf(visitor))) return reward;
    throw new ForbiddenError("NOT_YOURS", "This reward is somebody else's");
}

async function groupOf(visitor: Visitor): Promise<GroupId | undefined> {
    const [groupId] = await identities.find([visitor]);
    return groupId;
}

const asMyReward = (view: RewardView) => ({
    ...asReward(view),
    merchant: { id: view.merchantId, name: view.merchantName },
    trigger: view.trigger,
    code: view.code,
    order: view.orderName,
});

const rewardNotFound = () => new NotFoundError("REWARD_NOT_FOUND", "There is no such reward");
