import { Type } from "@sinclair/typebox";
import { Elysia, t } from "elysia";
import { CampaignContext, type CampaignView } from "@/domain/campaign";
import { type Action, MerchantContext } from "@/domain/merchant";
import { NotFoundError } from "@/utils/errors";
import type { CampaignId, MerchantId } from "@/utils/ids";
import { oneOf } from "@/utils/schema";
import { idempotent } from "../macros/idempotency";
import {
    allowed,
    type BusinessCaller,
    businessCaller,
    merchantAction,
} from "../macros/merchantAction";
import { rateLimit } from "../macros/rateLimit";
import { PageQuery, pageFrom, pageOf, toPage } from "../page";
import {
    asInstantOrNull,
    asTokenAmount,
    IdOf,
    Instant,
    orNull,
    refusals,
    TokenAmountShape,
} from "../schemas";

const { campaigns } = CampaignContext.services;
const { merchants } = MerchantContext.services;
const tags = ["campaigns"];

const Campaign = t.Object({
    id: t.String(),
    merchantId: t.String(),
    name: t.String(),
    status: t.String({ examples: ["draft", "active", "paused", "archived", "ended"] }),
    priority: t.Integer(),
    stacking: t.String({ examples: ["all"] }),
    version: t.Integer(),
    startsAt: orNull(Instant),
    endsAt: orNull(Instant),
    definition: t.Unknown(),
    budgets: t.Array(
        t.Object({
            name: t.String(),
            window: t.String(),
            limit: TokenAmountShape,
            used: TokenAmountShape,
            resetsAt: orNull(Instant),
        })
    ),
});
const example = {
    trigger: "purchase",
    conditions: { all: [{ field: "purchase.total", op: "gte", value: "50.00" }] },
    rewards: [
        {
            recipient: "referrer",
            asset: "token",
            amount: { percent: { of: "subtotal", percent: "5", max: "20.00" } },
        },
        { recipient: "referee", asset: "token", amount: { fixed: { amount: "2.00" } } },
    ],
    budget: [{ name: "total", window: "total", amount: "1000.00", onExhausted: "skip" }],
};

const unauthorized = {
    401: ["AUTH_REQUIRED", "SESSION_ENDED", "API_KEY_INVALID"],
    403: ["ROLE_TOO_LOW", "SCOPE_MISSING", "MODE_MISMATCH"],
    404: ["MERCHANT_NOT_FOUND", "CAMPAIGN_NOT_FOUND"],
} as const;

const ofMerchant = new Elysia({ prefix: "/merchants/:merchantId/campaigns" })
    .use(rateLimit)
    .use(merchantAction)
    .use(idempotent)
    .guard({
        rateLimit: "dashboard",
        params: t.Object({ merchantId: IdOf<MerchantId>() }),
    })
    .post(
        "",
        async ({ params: { merchantId }, body, session, status }) => {
            const asset = await assetOf(merchantId);
            const { startsAt, endsAt } = body;
            const created = await campaigns.create(
                {
                    merchantId,
                    name: body.name,
                    definition: body.definition,
                    priority: body.priority,
                    startsAt: startsAt ? new Date(startsAt) : undefined,
                    endsAt: endsAt ? new Date(endsAt) : undefined,
                    createdBy: session.subject,
                },
                asset
            );
            return status(201, await asCampaign(created));
        },
        {
            merchantAction: "campaigns:write",
            idempotent: true,
            body: t.Object({
                name: t.String({ minLength: 1, maxLength: 100 }),
                definition: t.Unknown({
                    description: "Refused field by field",
                    examples: [example],
                }),
                priority: t.Optional(Type.Integer({ minimum: -1_000, maximum: 1_000 })),
                startsAt: t.Optional(t.String({ format: "date-time" })),
                endsAt: t.Optional(t.String({ format: "date-time" })),
            }),
            response: { 201: Campaign, ...refusals(unauthorized) },
            detail: { tags, summary: "Draft a campaign" },
        }
    )
    .get(
        "",
        async ({ params, query }) => {
            const page = pageFrom(query);
            const { limit, before } = page;
            const rows = await campaigns.list(params.merchantId, { limit: limit + 1, before });
            const views = await Promise.all(rows.map(asCampaign));
            return toPage(views, page, (view) => view);
        },
        {
            merchantAction: "campaigns:read",
            query: PageQuery,
            response: {
                200: pageOf(Campaign),
                ...refusals({ ...unauthorized, 400: ["INVALID_CURSOR"] }),
            },
            detail: { tags, summary: "A merchant's campaigns, newest first" },
        }
    );

const single = new Elysia({ prefix: "/campaigns/:id" })
    .use(rateLimit)
    .use(businessCaller)
    .use(idempotent)
    .guard({ rateLimit: "dashboard", businessCaller: true })
    .get(
        "",
        async ({ params, session }) => asCampaign(await own(session, params.id, "campaigns:read")),
        {
            params: t.Object({ id: IdOf<CampaignId>() }),
            response: { 200: Campaign, ...refusals(unauthorized) },
            detail: { tags, summary: "One campaign" },
        }
    )
    .post(
        "/:step",
        async ({ params, session }) => {
            await own(session, params.id, "campaigns:write");
            return asCampaign(await campaigns.step(params.id, params.step));
        },
        {
            idempotent: true,
            params: t.Object({
                id: IdOf<CampaignId>(),
                step: oneOf("publish", "pause", "resume", "archive"),
            }),
            response: {
                200: Campaign,
                ...refusals({ ...unauthorized, 409: ["INVALID_TRANSITION"] }),
            },
            detail: { tags, summary: "Publish, pause, resume or archive a campaign" },
        }
    );

export const campaignRoutes = new Elysia().use(ofMerchant).use(single);

/** To the staff of other merchants a campaign does not exist. */
async function own(caller: BusinessCaller, id: CampaignId, action: Action): Promise<CampaignView> {
    const found = await campaigns.get(id);
    await allowed(caller, found.campaign.merchantId, action).catch((error: unknown) => {
        if (error instanceof NotFoundError) {
            throw new NotFoundError("CAMPAIGN_NOT_FOUND", "There is no such campaign");
        }
        throw error;
    });
    return found;
}

async function assetOf(merchantId: MerchantId) {
    const { rewardAsset } = await merchants.get(merchantId);
    return merchants.assetOf(rewardAsset);
}

async function asCampaign({ campaign, version, budgets }: CampaignView) {
    const asset = await assetOf(campaign.merchantId);
    const isEnded = campaign.endsAt !== null && campaign.endsAt <= new Date();
    return {
        id: campaign.id,
        merchantId: campaign.merchantId,
        name: campaign.name,
        status: isEnded && campaign.status === "active" ? "ended" : campaign.status,
        priority: campaign.priority,
        stacking: campaign.stacking,
        version: version.number,
        startsAt: asInstantOrNull(campaign.startsAt),
        endsAt: asInstantOrNull(campaign.endsAt),
        definition: version.definition,
        budgets: budgets.map(({ name, limit, used }) => ({
            name,
            window: "total",
            limit: asTokenAmount(limit, asset),
            used: asTokenAmount(used, asset),
            resetsAt: null,
        })),
    };
}
