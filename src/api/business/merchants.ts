import { Elysia, t } from "elysia";
import { attributionModels } from "@/domain/attribution";
import { MerchantContext, type MerchantView } from "@/domain/merchant";
import { OrchestrationContext } from "@/orchestration";
import type { MerchantId } from "@/utils/ids";
import { oneOf } from "@/utils/schema";
import { businessSession } from "../macros/businessSession";
import { idempotent } from "../macros/idempotency";
import { merchantAction } from "../macros/merchantAction";
import { rateLimit } from "../macros/rateLimit";
import { PageQuery, pageFrom, pageOf, toPage } from "../page";
import { AddressText, asInstant, IdOf, Instant, refusals } from "../schemas";

const { merchants, domainProofs } = MerchantContext.services;
const tags = ["merchants"];

const Merchant = t.Object({
    id: t.String(),
    name: t.String(),
    domain: t.String(),
    domains: t.Array(t.String()),
    rewardAsset: t.String(),
    role: t.String({ examples: ["owner", "admin", "campaignManager", "viewer"] }),
    mode: t.String({ examples: ["live", "test"] }),
    timeZone: t.String({ examples: ["UTC"] }),
    createdAt: Instant,
});
const Settings = t.Partial(
    t.Object({
        name: t.String({ minLength: 1, maxLength: 100 }),
        timeZone: t.String({ maxLength: 64, examples: ["Europe/Paris"] }),
        attribution: t.Partial(
            t.Object({
                model: oneOf(...attributionModels),
                windowDays: t.Integer({ minimum: 1, maximum: 365 }),
                codeBeatsLink: t.Boolean(),
            })
        ),
        minimumPayout: t.Object({
            asset: t.Optional(AddressText),
            amount: t.String({ pattern: "^\\d{1,60}$", description: "Base units" }),
        }),
    })
);
const DomainText = t.String({ minLength: 1, maxLength: 253, examples: ["tea.example"] });

const registration = new Elysia()
    .use(rateLimit)
    .use(businessSession)
    .use(idempotent)
    .guard({ rateLimit: "dashboard", businessSession: true })
    .get(
        "/registration/challenge",
        ({ query, session }) => domainProofs.challengeFor(query.domain, session.subject),
        {
            query: t.Object({ domain: DomainText }),
            response: {
                200: t.Object({
                    domain: t.String(),
                    type: t.String({ examples: ["TXT"] }),
                    record: t.String(),
                }),
                ...refusals({ 400: ["DOMAIN_INVALID"], 401: ["AUTH_REQUIRED", "SESSION_ENDED"] }),
            },
            detail: { tags, summary: "The DNS record that proves a domain to be the caller's" },
        }
    )
    .post(
        "",
        async ({ body, session, status }) => {
            const registered = await OrchestrationContext.merchantOnboarding.register({
                ...body,
                rewardAsset: body.rewardAsset,
                owner: session.subject,
            });
            return status(201, asMerchant(registered));
        },
        {
            idempotent: true,
            body: t.Object({
                name: t.String({ minLength: 1, maxLength: 100 }),
                domain: DomainText,
                rewardAsset: t.Optional(AddressText),
            }),
            response: {
                201: Merchant,
                ...refusals({
                    400: ["DOMAIN_INVALID", "UNKNOWN_ASSET"],
                    401: ["AUTH_REQUIRED", "SESSION_ENDED"],
                    409: ["DOMAIN_TAKEN"],
                    422: ["DNS_NOT_VERIFIED"],
                }),
            },
            detail: {
                tags,
                summary: "Register a merchant; its bank is on the way",
                description:
                    "The domain must carry the record of `/merchants/registration/challenge`. In development, names under .localhost prove themselves.",
            },
        }
    )
    .get(
        "",
        async ({ query, session }) => {
            const page = pageFrom(query);
            const { limit, before } = page;
            const mine = await merchants.list(session.subject, { limit: limit + 1, before });
            return toPage(mine, page, asMerchant);
        },
        {
            query: PageQuery,
            response: {
                200: pageOf(Merchant),
                ...refusals({
                    400: ["INVALID_CURSOR"],
                    401: ["AUTH_REQUIRED", "SESSION_ENDED"],
                }),
            },
            detail: { tags, summary: "The merchants that the caller works for" },
        }
    );

const single = new Elysia()
    .use(rateLimit)
    .use(merchantAction)
    .use(idempotent)
    .guard({ rateLimit: "dashboard" })
    .get(
        "/:merchantId",
        async ({ params, role }) => asMerchant(await merchants.view(params.merchantId, role)),
        {
            merchantAction: "merchants:read",
            params: t.Object({ merchantId: IdOf<MerchantId>() }),
            response: {
                200: Merchant,
                ...refusals({
                    401: ["AUTH_REQUIRED", "SESSION_ENDED", "API_KEY_INVALID"],
                    403: ["SCOPE_MISSING", "MODE_MISMATCH"],
                    404: ["MERCHANT_NOT_FOUND"],
                }),
            },
            detail: { tags, summary: "One merchant" },
        }
    )
    .patch(
        "/:merchantId",
        async ({ params: { merchantId }, body: { minimumPayout, ...settings }, role }) => {
            await OrchestrationContext.merchantSettings.change(merchantId, {
                ...settings,
                minimumPayout: minimumPayout && {
                    token: merchants.assetOf(minimumPayout.asset).address,
                    amount: BigInt(minimumPayout.amount),
                },
            });
            return asMerchant(await merchants.view(merchantId, role));
        },
        {
            merchantAction: "merchants:write",
            idempotent: true,
            params: t.Object({ merchantId: IdOf<MerchantId>() }),
            body: Settings,
            response: {
                200: Merchant,
                ...refusals({
                    400: ["TIME_ZONE_INVALID", "WINDOW_INVALID", "UNKNOWN_ASSET"],
                    401: ["AUTH_REQUIRED", "SESSION_ENDED", "API_KEY_INVALID"],
                    403: ["ROLE_TOO_LOW", "SCOPE_MISSING", "MODE_MISMATCH"],
                    404: ["MERCHANT_NOT_FOUND"],
                }),
            },
            detail: {
                tags,
                summary: "Change what holds for all campaigns",
                description:
                    "`attribution` is for campaigns that are drafted from now on and do not say it themselves. Below `minimumPayout` (base units) what is owed waits for more, unless it is claimed.",
            },
        }
    );

export const merchantRoutes = new Elysia({ prefix: "/merchants" }).use(registration).use(single);

const asMerchant = ({ domains, createdAt, ...merchant }: MerchantView) => ({
    id: merchant.id,
    name: merchant.name,
    domain: domains[0] ?? "",
    domains,
    rewardAsset: merchant.rewardAsset,
    role: merchant.role,
    mode: merchant.mode,
    timeZone: merchant.timeZone,
    createdAt: asInstant(createdAt),
});
