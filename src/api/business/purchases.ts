import { Elysia, t } from "elysia";
import type { Session } from "@/domain/auth";
import {
    inShopCurrency,
    type Purchase,
    PurchasesContext,
    type PurchaseView,
} from "@/domain/purchases";
import { RewardsContext } from "@/domain/rewards";
import { ReadContext, type RewardView } from "@/orchestration/read";
import { NotFoundError } from "@/utils/errors";
import type { MerchantId, PurchaseId } from "@/utils/ids";
import { asCurrency, type Currency } from "@/utils/money";
import { PurchaseProofShape } from "../common/epochs";
import { businessSession } from "../macros/businessSession";
import { merchantRole, roleOf } from "../macros/merchantRole";
import { rateLimit } from "../macros/rateLimit";
import { PageQuery, pageFrom, pageOf, toPage } from "../page";
import {
    asInstant,
    asInstantOrNull,
    asMoney,
    IdOf,
    Instant,
    MoneyShape,
    orNull,
    refusals,
} from "../schemas";
import { asReward, asWhy, Reward, Why } from "../views";

const { epochs } = RewardsContext.services;
const { purchases } = PurchasesContext.services;
const tags = ["purchases"];
const unauthorized = {
    401: ["AUTH_REQUIRED", "SESSION_ENDED"],
    403: ["ROLE_TOO_LOW"],
    404: ["MERCHANT_NOT_FOUND", "PURCHASE_NOT_FOUND"],
} as const;

const Summary = {
    id: t.String(),
    merchantId: t.String(),
    platform: t.String(),
    externalId: t.String(),
    externalName: orNull(t.String()),
    status: t.String({
        examples: ["awaited", "pending", "confirmed", "partiallyRefunded", "refunded", "cancelled"],
    }),
    isTest: t.Boolean(),
    currency: orNull(t.String()),
    total: orNull(MoneyShape),
    net: orNull(MoneyShape),
    refunded: orNull(MoneyShape),
    paidAt: orNull(Instant),
    cancelledAt: orNull(Instant),
    updatedAt: Instant,
    linked: t.Boolean(),
    linkedBy: orNull(t.String({ examples: ["claim", "client"] })),
};
const PurchaseSummary = t.Object(Summary);
const PurchaseWhole = t.Object({
    ...Summary,
    lines: t.Array(
        t.Object({
            externalId: t.String(),
            productId: orNull(t.String()),
            sku: orNull(t.String()),
            title: t.String(),
            quantity: t.Integer(),
            refundedQuantity: t.Integer(),
            unitPrice: MoneyShape,
            total: MoneyShape,
        })
    ),
    refunds: t.Array(t.Object({ externalId: t.String(), amount: MoneyShape, at: Instant })),
    rewards: t.Array(Reward),
});

const ofMerchant = new Elysia({ prefix: "/merchants/:merchantId/purchases" })
    .use(rateLimit)
    .use(merchantRole)
    .get(
        "",
        async ({ params, query }) => {
            const page = pageFrom(query);
            const { limit, before } = page;
            const rows = await purchases.list(params.merchantId, {
                limit: limit + 1,
                before,
                externalId: query.externalId,
            });
            return toPage(rows, page, asSummary);
        },
        {
            rateLimit: "dashboard",
            merchantRole: "viewer",
            params: t.Object({ merchantId: IdOf<MerchantId>() }),
            query: t.Composite([
                PageQuery,
                t.Object({ externalId: t.Optional(t.String({ maxLength: 100 })) }),
            ]),
            response: {
                200: pageOf(PurchaseSummary),
                ...refusals({ ...unauthorized, 400: ["INVALID_CURSOR"] }),
            },
            detail: { tags, summary: "A merchant's purchases, newest first" },
        }
    );

const single = new Elysia({ prefix: "/purchases/:id" })
    .use(rateLimit)
    .use(businessSession)
    .guard({
        rateLimit: "dashboard",
        businessSession: true,
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

export const purchaseRoutes = new Elysia().use(ofMerchant).use(single);

/** To the staff of other merchants a purchase does not exist. */
async function own(session: Session, id: PurchaseId): Promise<Purchase> {
    const purchase = await purchases.get(id);
    await roleOf(session, purchase.merchantId, "viewer").catch((error: unknown) => {
        if (error instanceof NotFoundError) {
            throw new NotFoundError("PURCHASE_NOT_FOUND", "There is no such purchase");
        }
        throw error;
    });
    return purchase;
}

function asSummary(purchase: Purchase) {
    const { currency, total, refunded } = purchase;
    const money = (amount: bigint) => (currency ? asMoney(amount, currency) : null);
    return {
        id: purchase.id,
        merchantId: purchase.merchantId,
        platform: purchase.platform,
        externalId: purchase.externalId,
        externalName: purchase.externalName,
        status: purchase.status,
        isTest: purchase.isTest,
        currency,
        total: money(total),
        net: money(total - refunded),
        refunded: money(refunded),
        paidAt: asInstantOrNull(purchase.paidAt),
        cancelledAt: asInstantOrNull(purchase.cancelledAt),
        updatedAt: asInstant(purchase.updatedAt),
        linked: purchase.groupId !== null,
        linkedBy: purchase.linkedBy,
    };
}

function asPurchase({ purchase, lines, refunds }: PurchaseView, rewards: readonly RewardView[]) {
    const currency: Currency = purchase.currency ?? asCurrency("XXX");
    return {
        ...asSummary(purchase),
        lines: lines.map((line) => ({
            externalId: line.externalId,
            productId: line.productId,
            sku: line.sku,
            title: line.title,
            quantity: line.quantity,
            refundedQuantity: line.refundedQuantity,
            unitPrice: asMoney(line.unitPrice, currency),
            total: asMoney(line.total, currency),
        })),
        refunds: refunds.map((refund) => ({
            externalId: refund.externalId,
            amount: asMoney(inShopCurrency(purchase, refund), currency),
            at: asInstant(refund.refundedAt),
        })),
        rewards: rewards.map(asReward),
    };
}
