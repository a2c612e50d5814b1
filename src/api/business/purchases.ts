import { Elysia, type Static, t } from "elysia";
import { type Purchase, PurchasesContext, platforms } from "@/domain/purchases";
import { RewardsContext } from "@/domain/rewards";
import { ReadContext } from "@/orchestration/read";
import { NotFoundError } from "@/utils/errors";
import type { MerchantId, PurchaseId } from "@/utils/ids";
import { oneOf } from "@/utils/schema";
import { PurchaseProofShape } from "../common/epochs";
import {
    allowed,
    type BusinessCaller,
    businessCaller,
    merchantAction,
} from "../macros/merchantAction";
import { rateLimit } from "../macros/rateLimit";
import { PageQuery, pageFrom, pageOf, toPage } from "../page";
import { IdOf, refusals } from "../schemas";
import { asWhy, Why } from "../views";
import { asPurchase, asSummary, PurchaseSummary, PurchaseWhole } from "./purchaseViews";

const { epochs } = RewardsContext.services;
const { purchases } = PurchasesContext.services;
const tags = ["purchases"];
const unauthorized = {
    401: ["AUTH_REQUIRED", "SESSION_ENDED", "API_KEY_INVALID"],
    403: ["ROLE_TOO_LOW", "SCOPE_MISSING", "MODE_MISMATCH"],
    404: ["MERCHANT_NOT_FOUND", "PURCHASE_NOT_FOUND"],
} as const;

const statuses = [
    "awaited",
    "pending",
    "confirmed",
    "partiallyRefunded",
    "refunded",
    "cancelled",
] as const;
const word = `(${statuses.join("|")})`;
const Filter = t.Object({
    externalId: t.Optional(t.String({ maxLength: 100 })),
    status: t.Optional(
        t.String({
            pattern: `^${word}(,${word}){0,5}$`,
            description: "One or several",
            examples: ["confirmed,refunded"],
        })
    ),
    platform: t.Optional(oneOf(...platforms)),
    linked: t.Optional(oneOf("true", "false")),
    from: t.Optional(
        t.String({ format: "date-time", description: "Made known to us then or later" })
    ),
    to: t.Optional(t.String({ format: "date-time", description: "Made known to us before then" })),
});
type Query = Static<typeof Filter> & Parameters<typeof pageFrom>[0];

async function listOf(merchantId: MerchantId, query: Query) {
    const page = pageFrom(query);
    const { externalId, status, platform, linked, from, to } = query;
    const rows = await purchases.list(merchantId, {
        limit: page.limit + 1,
        before: page.before,
        externalId,
        status: status?.split(",") as Purchase["status"][] | undefined,
        platform,
        linked: linked === undefined ? undefined : linked === "true",
        from: from ? new Date(from) : undefined,
        to: to ? new Date(to) : undefined,
    });
    return toPage(rows, page, asSummary);
}

/** The path that older clients know; the merchant is in the query. */
const oracle = new Elysia({ prefix: "/oracle/purchases" })
    .use(rateLimit)
    .use(businessCaller)
    .get(
        "",
        async ({ query, session }) => {
            await allowed(session, query.merchantId, "purchases:read");
            return listOf(query.merchantId, query);
        },
        {
            rateLimit: "dashboard",
            businessCaller: true,
            query: t.Composite([PageQuery, Filter, t.Object({ merchantId: IdOf<MerchantId>() })]),
            response: {
                200: pageOf(PurchaseSummary),
                ...refusals({ ...unauthorized, 400: ["INVALID_CURSOR"] }),
            },
            detail: { tags, summary: "A merchant's purchases, by an older name" },
        }
    );

const ofMerchant = new Elysia({ prefix: "/merchants/:merchantId/purchases" })
    .use(rateLimit)
    .use(merchantAction)
    .get("", ({ params, query }) => listOf(params.merchantId, query), {
        rateLimit: "dashboard",
        merchantAction: "purchases:read",
        params: t.Object({ merchantId: IdOf<MerchantId>() }),
        query: t.Composite([PageQuery, Filter]),
        response: {
            200: pageOf(PurchaseSummary),
            ...refusals({ ...unauthorized, 400: ["INVALID_CURSOR"] }),
        },
        detail: { tags, summary: "A merchant's purchases, newest first" },
    });

const single = new Elysia({ prefix: "/purchases/:id" })
    .use(rateLimit)
    .use(businessCaller)
    .guard({
        rateLimit: "dashboard",
        businessCaller: true,
        params: t.Object({ id: IdOf<PurchaseId>() }),
    })
    .get(
        "",
        async ({ params, session }) => {
            const purchase = await own(session, params.id);
            const [view, rewards] = await Promise.all([
                purchases.view(purchase),
                ReadContext.rewards.findOfPurchase(purchase.id),
            ]);
            return asPurchase(view, rewards);
        },
        {
            response: { 200: PurchaseWhole, ...refusals(unauthorized) },
            detail: { tags, summary: "One purchase with its lines, refunds and rewards" },
        }
    )
    .get(
        "/proof",
        async ({ params, session }) => {
            await own(session, params.id);
            const found = await epochs.purchaseProof(params.id);
            if (!found) throw new NotFoundError("NOT_PROVEN", "No epoch has recorded it yet");
            const { leaf, root, proof, salt } = found;
            const { purchase, status, netHash } = leaf;
            return {
                epoch: leaf.epoch.toString(),
                kind: "purchase" as const,
                root,
                leaf: { purchase, status, netHash },
                proof,
                opening: { salt, currency: leaf.currency, net: leaf.net.toString() },
            };
        },
        {
            response: {
                200: t.Object({
                    epoch: t.String(),
                    ...PurchaseProofShape.properties,
                    opening: t.Object(
                        { salt: t.String(), currency: t.String(), net: t.String() },
                        { description: "netHash = keccak256(abi.encode(salt, currency, net))" }
                    ),
                }),
                ...refusals({ ...unauthorized, 404: [...unauthorized[404], "NOT_PROVEN"] }),
            },
            detail: {
                tags,
                summary: "That an epoch recorded a purchase with this status and net amount",
            },
        }
    )
    .get(
        "/why",
        async ({ params, session }) => {
            await own(session, params.id);
            const why = await ReadContext.why.findOfPurchase(params.id);
            if (why) return asWhy(why);
            throw new NotFoundError("NOT_EVALUATED", "This purchase has not earned anything yet");
        },
        {
            response: {
                200: Why,
                ...refusals({ ...unauthorized, 404: [...unauthorized[404], "NOT_EVALUATED"] }),
            },
            detail: { tags, summary: "What every campaign decided about a purchase, and why" },
        }
    );

export const purchaseRoutes = new Elysia().use(ofMerchant).use(oracle).use(single);

/** To the staff of other merchants a purchase does not exist. */
async function own(caller: BusinessCaller, id: PurchaseId): Promise<Purchase> {
    const purchase = await purchases.get(id);
    await allowed(caller, purchase.merchantId, "purchases:read").catch((error: unknown) => {
        if (error instanceof NotFoundError) {
            throw new NotFoundError("PURCHASE_NOT_FOUND", "There is no such purchase");
        }
        throw error;
    });
    return purchase;
}
