import { Type } from "@sinclair/typebox";
import { Elysia, type Static, t } from "elysia";
import { AttributionContext } from "@/domain/attribution";
import { CampaignContext, type CampaignView, stackings } from "@/domain/campaign";
import type { Action } from "@/domain/merchant";
import { OrchestrationContext } from "@/orchestration";
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
import { IdOf, orNull, refusals } from "../schemas";
import { asCampaign, asVersion, Campaign, example, surroundingsOf, Version } from "./campaignViews";
import {
    asSimulation,
    requestOf,
    SimulationOfChange,
    SimulationOfDraft,
    SimulationShape,
} from "./simulation";

const { campaigns } = CampaignContext.services;
const { simulation } = OrchestrationContext;
const tags = ["campaigns"];

const unauthorized = {
    401: ["AUTH_REQUIRED", "SESSION_ENDED", "API_KEY_INVALID"],
    403: ["ROLE_TOO_LOW", "SCOPE_MISSING", "MODE_MISMATCH"],
    404: ["MERCHANT_NOT_FOUND", "CAMPAIGN_NOT_FOUND"],
} as const;

const Dates = {
    startsAt: t.Optional(orNull(t.String({ format: "date-time" }))),
    endsAt: t.Optional(orNull(t.String({ format: "date-time" }))),
};
const Order = {
    priority: Type.Integer({ minimum: -1_000, maximum: 1_000 }),
    stacking: oneOf(...stackings),
};
const Definition = t.Unknown({ description: "Refused field by field", examples: [example] });
const Name = t.String({ minLength: 1, maxLength: 100 });
const Draft = t.Object({
    name: Name,
    definition: Definition,
    priority: t.Optional(Order.priority),
    stacking: t.Optional(Order.stacking),
    ...Dates,
});
const Change = t.Partial(t.Object({ name: Name, definition: Definition, ...Order, ...Dates }));

const { attributionSettings } = AttributionContext.services;

const list = async (merchantId: MerchantId, query: Static<typeof PageQuery>) => {
    const page = pageFrom(query);
    const { limit, before } = page;
    const rows = await campaigns.list(merchantId, { limit: limit + 1, before });
    return toPage(await Promise.all(rows.map(asCampaign)), page, (view) => view);
};
const listed = { 200: pageOf(Campaign), ...refusals({ ...unauthorized, 400: ["INVALID_CURSOR"] }) };

async function draft(
    merchantId: MerchantId,
    { startsAt, endsAt, ...body }: Static<typeof Draft>,
    { subject }: BusinessCaller
) {
    const { asset } = await surroundingsOf(merchantId);
    const definition = await withAttribution(merchantId, body.definition);
    const dates = { startsAt: dateOf(startsAt) ?? undefined, endsAt: dateOf(endsAt) ?? undefined };
    const created = { ...body, definition, ...dates, merchantId, createdBy: subject };
    return asCampaign(await campaigns.create(created, asset));
}

/** What the merchant chose for campaigns that do not say it: kept in the version, so that it stays as it is. */
async function withAttribution(merchantId: MerchantId, definition: unknown): Promise<unknown> {
    const isSilent =
        typeof definition === "object" && definition !== null && !("attribution" in definition);
    if (!isSilent) return definition;
    const setting = (await attributionSettings.of([merchantId])).get(merchantId);
    if (!setting) return definition;
    const { model, windowDays } = setting;
    return { ...definition, attribution: { model, windowDays } };
}

const dateOf = (text: string | null | undefined): Date | null | undefined =>
    text ? new Date(text) : (text as null | undefined);

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
        async ({ params, body, session, status }) =>
            status(201, await draft(params.merchantId, body, session)),
        {
            merchantAction: "campaigns:write",
            idempotent: true,
            body: Draft,
            response: { 201: Campaign, ...refusals(unauthorized) },
            detail: { tags, summary: "Draft a campaign" },
        }
    )
    .get("", async ({ params, query }) => list(params.merchantId, query), {
        merchantAction: "campaigns:read",
        query: PageQuery,
        response: listed,
        detail: { tags, summary: "A merchant's campaigns, newest first" },
    })
    .post(
        "/simulate",
        async ({ params: { merchantId }, body }) =>
            asSimulation(await simulation.simulate(requestOf(merchantId, undefined, body))),
        {
            merchantAction: "campaigns:write",
            idempotent: true,
            body: SimulationOfDraft,
            response: { 200: SimulationShape, ...refusals(unauthorized) },
            detail: { tags, summary: "What a draft would have paid; nothing is written" },
        }
    );

/** The same two under the paths that the design documents name. */
const alias = new Elysia({ prefix: "/campaigns" })
    .use(rateLimit)
    .use(businessCaller)
    .use(idempotent)
    .guard({ rateLimit: "dashboard", businessCaller: true })
    .get(
        "",
        async ({ query: { merchantId, ...query }, session }) => {
            await allowed(session, merchantId, "campaigns:read");
            return list(merchantId, query);
        },
        {
            query: t.Composite([PageQuery, t.Object({ merchantId: IdOf<MerchantId>() })]),
            response: listed,
            detail: { tags, summary: "As under /merchants/{merchantId}/campaigns" },
        }
    )
    .post(
        "",
        async ({ body: { merchantId, ...body }, session, status }) => {
            await allowed(session, merchantId, "campaigns:write");
            return status(201, await draft(merchantId, body, session));
        },
        {
            idempotent: true,
            body: t.Composite([Draft, t.Object({ merchantId: IdOf<MerchantId>() })]),
            response: { 201: Campaign, ...refusals(unauthorized) },
            detail: { tags, summary: "Draft a campaign of the merchant in the body" },
        }
    );

const changing = { ...unauthorized, 409: ["INVALID_TRANSITION"] } as const;
const params = t.Object({ id: IdOf<CampaignId>() });

const single = new Elysia({ prefix: "/campaigns/:id" })
    .use(rateLimit)
    .use(businessCaller)
    .use(idempotent)
    .guard({ rateLimit: "dashboard", businessCaller: true })
    .get(
        "",
        async ({ params, session }) => asCampaign(await own(session, params.id, "campaigns:read")),
        {
            params,
            response: { 200: Campaign, ...refusals(unauthorized) },
            detail: { tags, summary: "One campaign" },
        }
    )
    .patch(
        "",
        async ({ params: { id }, body: { startsAt, endsAt, ...body }, session }) => {
            const { campaign } = await own(session, id, "campaigns:write");
            const dates = { startsAt: dateOf(startsAt), endsAt: dateOf(endsAt) };
            const change = { ...body, ...dates, changedBy: session.subject };
            const surroundings = await surroundingsOf(campaign.merchantId);
            return asCampaign(await campaigns.change(id, change, surroundings));
        },
        {
            idempotent: true,
            params,
            body: Change,
            response: { 200: Campaign, ...refusals(changing) },
            detail: {
                tags,
                summary: "Change a campaign: a new definition is a new version, from now on",
            },
        }
    )
    .delete(
        "",
        async ({ params: { id }, session, status }) => {
            await own(session, id, "campaigns:write");
            await campaigns.delete(id);
            return status(204, undefined);
        },
        {
            idempotent: true,
            params,
            response: { 204: t.Void(), ...refusals(changing) },
            detail: { tags, summary: "Delete a draft; what was live can only be archived" },
        }
    )
    .get(
        "/versions",
        async ({ params: { id }, query, session }) => {
            await own(session, id, "campaigns:read");
            const page = pageFrom(query);
            const { limit, before } = page;
            const rows = await campaigns.versions(id, { limit: limit + 1, before });
            return toPage(rows, page, asVersion);
        },
        {
            params,
            query: PageQuery,
            response: {
                200: pageOf(Version),
                ...refusals({ ...unauthorized, 400: ["INVALID_CURSOR"] }),
            },
            detail: { tags, summary: "Every version of a campaign, newest first" },
        }
    )
    .post(
        "/simulate",
        async ({ params, body, session }) => {
            const found = await own(session, params.id, "campaigns:write");
            const { merchantId } = found.campaign;
            return asSimulation(await simulation.simulate(requestOf(merchantId, found, body)));
        },
        {
            idempotent: true,
            params,
            body: SimulationOfChange,
            response: { 200: SimulationShape, ...refusals(unauthorized) },
            detail: {
                tags,
                summary: "What a campaign, or a change to it, would have paid; nothing is written",
            },
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
            response: { 200: Campaign, ...refusals(changing) },
            detail: { tags, summary: "Publish, pause, resume or archive a campaign" },
        }
    );

export const campaignRoutes = new Elysia().use(ofMerchant).use(alias).use(single);

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
