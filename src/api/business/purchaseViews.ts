import { t } from "elysia";
import {
    inShopCurrency,
    isInForce,
    netOf,
    type Purchase,
    type PurchaseView,
} from "@/domain/purchases";
import type { RewardView } from "@/orchestration/read";
import { asCurrency, type Currency } from "@/utils/money";
import { asInstant, asInstantOrNull, asMoney, Instant, MoneyShape, orNull } from "../schemas";
import { asReward, Reward } from "../views";

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
    linkedBy: orNull(t.String({ examples: ["claim", "client", "code", "customer", "landing"] })),
};
export const PurchaseSummary = t.Object(Summary);
export const PurchaseWhole = t.Object({
    ...Summary,
    lines: t.Array(
        t.Object({
            externalId: t.String(),
            productId: orNull(t.String()),
            variantId: orNull(t.String()),
            sku: orNull(t.String()),
            title: t.String(),
            quantity: t.Integer(),
            refundedQuantity: t.Integer(),
            unitPrice: MoneyShape,
            discount: MoneyShape,
            tax: MoneyShape,
            total: MoneyShape,
            refunded: MoneyShape,
            net: t.Object(MoneyShape.properties, {
                description:
                    "What is left of it, its share of refunds of no line in particular included",
            }),
        })
    ),
    refunds: t.Array(
        t.Object({
            externalId: t.String(),
            amount: MoneyShape,
            at: Instant,
            counts: t.Boolean({ description: "Its money has moved, and it was not undone" }),
        })
    ),
    rewards: t.Array(Reward),
});

export function asSummary(purchase: Purchase) {
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
        // A mail address is one of the ways in which a shop knows its customer.
        linkedBy: purchase.linkedBy === "email" ? "customer" : purchase.linkedBy,
    };
}

export function asPurchase(
    { purchase, lines, refunds }: PurchaseView,
    rewards: readonly RewardView[]
) {
    const currency: Currency = purchase.currency ?? asCurrency("XXX");
    return {
        ...asSummary(purchase),
        lines: netOf(purchase, lines, refunds).lines.map((line) => ({
            externalId: line.externalId,
            productId: line.productId,
            variantId: line.variantId,
            sku: line.sku,
            title: line.title,
            quantity: line.quantity,
            refundedQuantity: line.refundedQuantity,
            unitPrice: asMoney(line.unitPrice, currency),
            discount: asMoney(line.discount, currency),
            tax: asMoney(line.tax, currency),
            total: asMoney(line.total, currency),
            refunded: asMoney(line.refundedAmount, currency),
            net: asMoney(line.netTotal, currency),
        })),
        refunds: refunds.map((refund) => ({
            externalId: refund.externalId,
            amount: asMoney(inShopCurrency(purchase, refund), currency),
            at: asInstant(refund.refundedAt),
            counts: isInForce(purchase, refund),
        })),
        rewards: rewards.map(asReward),
    };
}
