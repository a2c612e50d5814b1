import { type Static, Type } from "@sinclair/typebox";
import { InvalidError } from "@/utils/errors";
import { isUuid } from "@/utils/ids";
import type { LosslessJson } from "@/utils/json";
import { asCurrency, type Currency } from "@/utils/money";
import { assertShape } from "@/utils/schema";
import {
    type Buyer,
    nothingOf,
    type OrderReport,
    type Reading,
    type ReportedLine,
    type ReportedRefund,
    type Totals,
} from "../OrderReport";
import {
    Instant,
    Money,
    moneyReader,
    optional,
    piecesOf,
    Quantity,
    type ReadMoney,
} from "./shapes";

/* Our own form of an order, for Magento's module and for shops that are nobody's platform. */
const Id = Type.String({ minLength: 1, maxLength: 100 });
const Line = Type.Object({
    id: Id,
    productId: optional(Id),
    variantId: optional(Id),
    sku: optional(Type.String()),
    title: optional(Type.String()),
    quantity: optional(Quantity),
    unitPrice: optional(Money),
    discount: optional(Money),
    tax: optional(Money),
    total: optional(Money),
});
type Line = Static<typeof Line>;
const RefundedLine = Type.Object({
    id: Id,
    quantity: optional(Quantity),
    amount: Money,
    tax: optional(Money),
});
const Refund = Type.Object({
    id: Id,
    amount: Money,
    currency: optional(Type.String()),
    at: optional(Instant),
    lines: optional(Type.Array(RefundedLine)),
});
const Order = Type.Object({
    id: Id,
    name: optional(Type.String()),
    status: Type.String(),
    test: optional(Type.Boolean()),
    currency: Type.String(),
    total: Money,
    subtotal: optional(Money),
    discount: optional(Money),
    shipping: optional(Money),
    tax: optional(Money),
    createdAt: optional(Instant),
    paidAt: optional(Instant),
    updatedAt: optional(Instant),
    customerId: optional(Id),
    email: optional(Type.String()),
    clientId: optional(Type.String()),
    token: optional(Type.String()),
    codes: optional(Type.Array(Type.String())),
    landingUrl: optional(Type.String()),
    lines: optional(Type.Array(Line)),
    refunds: optional(Type.Array(Refund)),
});
type Order = Static<typeof Order>;

const paidStatuses = new Set(["confirmed", "partiallyRefunded", "refunded"]);

const Event = Type.Object({
    customType: Type.String({ minLength: 1, maxLength: 100 }),
    idempotencyKey: Type.String({ minLength: 1, maxLength: 255 }),
    data: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    clientId: optional(Type.String({ format: "uuid" })),
    customerId: optional(Id),
    occurredAt: optional(Instant),
});

/** The topic that events of a merchant's server are kept under. */
export const eventTopic = "event";

/** Where an order does not say when it changed, when it came has to do. */
export function readCustom(topic: string, body: LosslessJson, receivedAt: Date): Reading {
    if (topic === eventTopic) return readEvent(body, receivedAt);
    assertShape(Order, body);
    return { report: aboutOrder(body, receivedAt) };
}

function readEvent(body: LosslessJson, receivedAt: Date): Reading {
    assertShape(Event, body);
    if (!body.clientId && !body.customerId) {
        throw new InvalidError("NOBODY_NAMED", "An event names a clientId or a customerId");
    }
    return {
        event: {
            idempotencyKey: body.idempotencyKey,
            customType: body.customType,
            data: body.data ?? {},
            clientId: body.clientId ?? undefined,
            customerId: body.customerId ?? undefined,
            occurredAt: body.occurredAt ? new Date(body.occurredAt) : receivedAt,
        },
    };
}

function aboutOrder(order: Order, receivedAt: Date): OrderReport {
    const currency = asCurrency(order.currency);
    const { read, exactAmounts } = moneyReader(currency);
    const updatedAt = order.updatedAt ? new Date(order.updatedAt) : receivedAt;
    const lines = (order.lines ?? []).map((line) => asLine(line, read));
    const refunds = (order.refunds ?? []).map((refund) => asRefund(refund, updatedAt, currency));
    return {
        ...nothingOf(order.id),
        snapshot: {
            updatedAt,
            externalName: order.name || null,
            isTest: order.test ?? false,
            isFullyRefunded: order.status === "refunded" && refunds.length === 0,
            cancelledAt: order.status === "cancelled" ? updatedAt : null,
            totals: totalsOf(order, lines, read),
            lines,
            exactAmounts,
        },
        placedAt: order.createdAt ? new Date(order.createdAt) : undefined,
        paidAt: paidAtOf(order, updatedAt),
        refunds,
        buyer: buyerOf(order),
    };
}

function paidAtOf({ status, paidAt, createdAt }: Order, updatedAt: Date): Date | undefined {
    if (!paidStatuses.has(status)) return undefined;
    const told = paidAt ?? createdAt;
    return told ? new Date(told) : updatedAt;
}

function totalsOf(order: Order, lines: readonly ReportedLine[], read: ReadMoney): Totals {
    const goods = lines.reduce((sum, { total }) => sum + total, 0n);
    const total = read(order.total, "total");
    const ofLines = lines.length > 0 ? goods : total;
    return {
        currency: asCurrency(order.currency),
        total,
        subtotal: order.subtotal ? read(order.subtotal, "subtotal") : ofLines,
        discount: read(order.discount, "discount"),
        shipping: read(order.shipping, "shipping"),
        tax: read(order.tax, "tax"),
        presentmentCurrency: null,
        presentmentTotal: null,
    };
}

function asLine(line: Line, read: ReadMoney): ReportedLine {
    const amountOf = (text: string | null | undefined, name: string) =>
        read(text, `lines.${line.id}.${name}`);
    const quantity = piecesOf(line.quantity ?? "1");
    const unitPrice = amountOf(line.unitPrice, "unitPrice");
    const discount = amountOf(line.discount, "discount");
    const price = unitPrice * BigInt(quantity);
    const computed = price > discount ? price - discount : 0n;
    return {
        externalId: line.id,
        productId: line.productId ?? null,
        variantId: line.variantId ?? null,
        sku: line.sku || null,
        title: line.title ?? "",
        quantity,
        unitPrice,
        discount,
        tax: amountOf(line.tax, "tax"),
        total: line.total ? amountOf(line.total, "total") : computed,
    };
}

const asRefund = (
    { id, amount, currency, at, lines }: Static<typeof Refund>,
    seenAt: Date,
    own: Currency
): ReportedRefund => ({
    externalId: id,
    amount,
    currency: currency ? asCurrency(currency) : own,
    hasSucceeded: true,
    refundedAt: at ? new Date(at) : seenAt,
    seenAt,
    transactions: [],
    lines: (lines ?? []).map((line) => ({
        lineId: line.id,
        quantity: piecesOf(line.quantity ?? "0"),
        amount: line.amount,
        tax: line.tax ?? "0",
    })),
});

function buyerOf(order: Order): Buyer {
    const { clientId, customerId, email, landingUrl, token } = order;
    return {
        clientId: clientId && isUuid(clientId) ? clientId : undefined,
        customerId: customerId ?? undefined,
        email: email || undefined,
        codes: order.codes ?? [],
        landingUrl: landingUrl ?? undefined,
        tokens: token ? [token] : [],
    };
}
