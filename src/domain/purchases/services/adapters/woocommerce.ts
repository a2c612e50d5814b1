import { type Static, Type } from "@sinclair/typebox";
import { isUuid } from "@/utils/ids";
import type { LosslessJson } from "@/utils/json";
import { asCurrency } from "@/utils/money";
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
    endOfSecond,
    Money,
    moneyReader,
    optional,
    piecesOf,
    Quantity,
    type ReadMoney,
    UtcTime,
    utc,
} from "./shapes";

/* WooCommerce's order as far as we read it (REST API v3). */
const Id = Type.String({ pattern: "^\\d+$" });
const Line = Type.Object({
    id: Id,
    name: optional(Type.String()),
    product_id: optional(Id),
    variation_id: optional(Id),
    sku: optional(Type.String()),
    quantity: Quantity,
    subtotal: optional(Money),
    total: Money,
    total_tax: optional(Money),
});
/** The total of a refund is negative. */
const Refund = Type.Object({
    id: Id,
    total: Type.String({ pattern: "^-?\\d{1,30}(\\.\\d{1,30})?$" }),
});
const Order = Type.Object({
    id: Id,
    number: optional(Type.String()),
    order_key: optional(Type.String()),
    status: Type.String(),
    currency: Type.String(),
    date_created_gmt: optional(UtcTime),
    date_modified_gmt: UtcTime,
    date_paid_gmt: optional(UtcTime),
    discount_total: optional(Money),
    shipping_total: optional(Money),
    total_tax: optional(Money),
    total: Money,
    customer_id: optional(Id),
    billing: optional(Type.Object({ email: optional(Type.String()) })),
    meta_data: optional(Type.Array(Type.Object({ key: Type.String(), value: Type.Unknown() }))),
    coupon_lines: optional(Type.Array(Type.Object({ code: optional(Type.String()) }))),
    line_items: optional(Type.Array(Line)),
    refunds: optional(Type.Array(Refund)),
});
type Order = Static<typeof Order>;
type Line = Static<typeof Line>;
const Deleted = Type.Object({ id: Id });

const drafts = new Set(["checkout-draft", "auto-draft", "draft"]);
const paidStatuses = new Set(["processing", "completed", "refunded"]);
const deadStatuses = new Set(["cancelled", "failed", "trash", "deleted"]);

/** A deletion carries nothing but the order's number, so when it came is all that is known of its time. */
export function readWooCommerce(topic: string, body: LosslessJson, receivedAt: Date): Reading {
    if (!topic.startsWith("order.")) {
        return { ignored: `Nothing here listens to ${topic || "no topic"}` };
    }
    if (topic === "order.deleted" && !hasStatus(body)) {
        assertShape(Deleted, body);
        return { report: { ...nothingOf(body.id), removedAt: receivedAt } };
    }
    assertShape(Order, body);
    if (drafts.has(body.status)) return { ignored: "A draft is not an order yet" };
    return { report: aboutOrder(body) };
}

const hasStatus = (body: LosslessJson): boolean =>
    typeof body === "object" && body !== null && "status" in body;

function aboutOrder(order: Order): OrderReport {
    const { read, exactAmounts } = moneyReader(asCurrency(order.currency));
    const updatedAt = utc(order.date_modified_gmt);
    const lines = (order.line_items ?? []).map((line) => asLine(line, read));
    const refunds = (order.refunds ?? []).map((refund) => asRefund(refund, updatedAt));
    return {
        ...nothingOf(order.id),
        snapshot: {
            updatedAt,
            externalName: order.number || null,
            isTest: false,
            isFullyRefunded: order.status === "refunded" && refunds.length === 0,
            cancelledAt: deadStatuses.has(order.status) ? updatedAt : null,
            totals: totalsOf(order, lines, read),
            lines,
            exactAmounts,
        },
        placedAt: order.date_created_gmt ? endOfSecond(utc(order.date_created_gmt)) : undefined,
        paidAt: paidAtOf(order),
        refunds,
        buyer: buyerOf(order),
    };
}

function paidAtOf({ date_paid_gmt, date_modified_gmt, status }: Order): Date | undefined {
    if (date_paid_gmt) return endOfSecond(utc(date_paid_gmt));
    return paidStatuses.has(status) ? endOfSecond(utc(date_modified_gmt)) : undefined;
}

function totalsOf(order: Order, lines: readonly ReportedLine[], read: ReadMoney): Totals {
    return {
        currency: asCurrency(order.currency),
        total: read(order.total, "total"),
        subtotal: lines.reduce((sum, { total }) => sum + total, 0n),
        discount: read(order.discount_total, "discount"),
        shipping: read(order.shipping_total, "shipping"),
        tax: read(order.total_tax, "tax"),
        presentmentCurrency: null,
        presentmentTotal: null,
    };
}

function asLine(line: Line, read: ReadMoney): ReportedLine {
    const amountOf = (text: string | null | undefined, name: string) =>
        read(text, `lines.${line.id}.${name}`);
    const quantity = piecesOf(line.quantity);
    const total = amountOf(line.total, "total");
    const before = amountOf(line.subtotal ?? line.total, "subtotal");
    const price = before > total ? before : total;
    return {
        externalId: line.id,
        productId: known(line.product_id),
        variantId: known(line.variation_id),
        sku: line.sku || null,
        title: line.name ?? "",
        quantity,
        unitPrice: quantity > 0 ? price / BigInt(quantity) : price,
        discount: price - total,
        tax: amountOf(line.total_tax, "tax"),
        total,
    };
}

/** WooCommerce lists every refund each time and says neither when they were nor of what. */
const asRefund = ({ id, total }: Static<typeof Refund>, seenAt: Date): ReportedRefund => ({
    externalId: id,
    amount: total.replace("-", ""),
    currency: null,
    hasSucceeded: true,
    refundedAt: seenAt,
    seenAt,
    transactions: [],
    lines: [],
});

function buyerOf({ id, order_key, customer_id, billing, ...order }: Order): Buyer {
    const codes = (order.coupon_lines ?? []).flatMap(({ code }) => code || []);
    return {
        clientId: clientIdOf(order),
        customerId: known(customer_id) ?? undefined,
        email: billing?.email || undefined,
        codes,
        landingUrl: metaOf(order, (key) => key === "_wc_order_attribution_session_entry"),
        tokens: order_key ? [order_key, `${order_key}_${id}`] : [],
    };
}

/** Nothing is number 0: a guest, a product that is gone, a line without a variation. */
const known = (id: string | null | undefined): string | null => (id && id !== "0" ? id : null);

/** `_client_id`, or a plugin's own name that ends so. */
function clientIdOf(order: Pick<Order, "meta_data">): string | undefined {
    const value =
        metaOf(order, (key) => key === "_client_id") ??
        metaOf(order, (key) => key.endsWith("_client_id"));
    return value && isUuid(value) ? value : undefined;
}

function metaOf(
    { meta_data }: Pick<Order, "meta_data">,
    isIt: (key: string) => boolean
): string | undefined {
    const value = meta_data?.find(({ key }) => isIt(key))?.value;
    return typeof value === "string" ? value : undefined;
}
