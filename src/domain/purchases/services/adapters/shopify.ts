import { type Static, Type } from "@sinclair/typebox";
import { isUuid } from "@/utils/ids";
import type { LosslessJson } from "@/utils/json";
import { asCurrency, minorUnits } from "@/utils/money";
import { assertShape } from "@/utils/schema";
import type { RefundLine, RefundTransaction } from "../../db/schema";
import {
    type Buyer,
    nothingOf,
    type OrderReport,
    type Reading,
    type ReportedLine,
    type ReportedRefund,
    type Snapshot,
    type Totals,
} from "../OrderReport";
import { movedBy, orphanOf } from "../refunds";
import { endOfSecond, Instant, Money, moneyReader, optional, type ReadMoney } from "./shapes";
import { readNotice } from "./shopifyNotices";

/* Shopify's order as far as we read it (Admin REST API 2026-04). */
const Text = Type.Union([Type.String(), Type.Null()]);
const Id = Type.String({ pattern: "^\\d+$" });
const Count = Type.String({ pattern: "^\\d{1,9}$" });
const Priced = Type.Object({ amount: Money, currency_code: Type.String() });
const PriceSet = Type.Object({ shop_money: Priced, presentment_money: Priced });

const Transaction = Type.Object({
    id: optional(Id),
    kind: Type.String(),
    status: Type.String(),
    amount: Money,
    currency: optional(Type.String()),
});
type Transaction = Static<typeof Transaction>;
const TransactionOfOrder = Type.Composite([
    Transaction,
    Type.Object({ order_id: Id, created_at: Instant, processed_at: optional(Instant) }),
]);
const RefundedLine = Type.Object({
    line_item_id: Id,
    quantity: Count,
    subtotal: optional(Money),
    subtotal_set: optional(PriceSet),
    total_tax: optional(Money),
});
/** Money that went back for something else than goods; negative, as Shopify has it. */
const Adjustment = Type.Object({
    kind: optional(Type.String()),
    amount: Type.String({ pattern: "^-?\\d{1,30}(\\.\\d{1,30})?$" }),
});
const Refund = Type.Object({
    id: Id,
    created_at: Instant,
    processed_at: optional(Instant),
    transactions: optional(Type.Array(Transaction)),
    refund_line_items: optional(Type.Array(RefundedLine)),
    order_adjustments: optional(Type.Array(Adjustment)),
});
const RefundWithOrder = Type.Composite([Refund, Type.Object({ order_id: Id })]);
const Line = Type.Object({
    id: Id,
    product_id: optional(Id),
    variant_id: optional(Id),
    sku: optional(Type.String()),
    title: optional(Type.String()),
    quantity: Count,
    current_quantity: optional(Count),
    price: Money,
    tax_lines: optional(Type.Array(Type.Object({ price: Money }))),
    discount_allocations: optional(Type.Array(Type.Object({ amount: Money }))),
});
const Order = Type.Object({
    id: Id,
    name: optional(Type.String()),
    test: optional(Type.Boolean()),
    currency: Type.String(),
    financial_status: Text,
    created_at: Instant,
    processed_at: optional(Instant),
    updated_at: Instant,
    cancelled_at: optional(Instant),
    total_price: Money,
    current_total_price: optional(Money),
    subtotal_price: optional(Money),
    total_discounts: optional(Money),
    total_tax: optional(Money),
    total_price_set: optional(PriceSet),
    total_shipping_price_set: optional(PriceSet),
    token: optional(Type.String()),
    checkout_token: optional(Type.String()),
    cart_token: optional(Type.String()),
    email: optional(Type.String()),
    customer: optional(Type.Object({ id: optional(Id), email: optional(Type.String()) })),
    discount_codes: optional(Type.Array(Type.Object({ code: Text }))),
    landing_site: optional(Type.String()),
    note_attributes: optional(Type.Array(Type.Object({ name: Type.String(), value: Text }))),
    line_items: optional(Type.Array(Line)),
    refunds: optional(Type.Array(Refund)),
});
type Order = Static<typeof Order>;
type Line = Static<typeof Line>;
type Refund = Static<typeof Refund>;

const orderTopics = new Set(
    ["create", "paid", "updated", "edited", "cancelled", "fulfilled", "partially_fulfilled"].map(
        (event) => `orders/${event}`
    )
);
const paidStatuses = new Set(["paid", "partially_refunded", "refunded"]);
const deadStatuses = new Set(["voided", "expired"]);

/** Its state is read from the body: the topic is not covered by the signature. Throws when it is not an order. */
export function readShopify(topic: string, body: LosslessJson): Reading {
    if (topic === "refunds/create") {
        assertShape(RefundWithOrder, body);
        return { report: { ...nothingOf(body.order_id), refunds: [asRefund(body)] } };
    }
    if (topic === "order_transactions/create") return readTransaction(body);
    const notice = readNotice(topic, body);
    if (notice) return { notice };
    if (!orderTopics.has(topic))
        return { ignored: `Nothing here listens to ${topic || "no topic"}` };
    if (topic === "orders/edited") return { ignored: "orders/updated tells the same, whole" };
    assertShape(Order, body);
    return { report: aboutOrder(body) };
}

function readTransaction(body: LosslessJson): Reading {
    assertShape(TransactionOfOrder, body);
    if (body.kind !== "refund") return { ignored: "The order itself tells whether it is paid" };
    const refundedAt = new Date(body.processed_at ?? body.created_at);
    const refund = orphanOf(asTransaction(body, "?"), refundedAt);
    return { report: { ...nothingOf(body.order_id), refunds: [refund] } };
}

function aboutOrder(order: Order): OrderReport {
    const status = order.financial_status ?? "";
    const updatedAt = new Date(order.updated_at);
    const placedAt = endOfSecond(new Date(order.processed_at ?? order.created_at));
    const cancelledAt = order.cancelled_at ? new Date(order.cancelled_at) : undefined;
    return {
        ...nothingOf(order.id),
        snapshot: snapshotOf(order),
        placedAt,
        paidAt: paidStatuses.has(status) ? placedAt : undefined,
        cancelledAt: cancelledAt ?? (deadStatuses.has(status) ? updatedAt : undefined),
        refunds: (order.refunds ?? []).map(asRefund),
        buyer: buyerOf(order),
    };
}

function snapshotOf(order: Order): Snapshot {
    const { read, exactAmounts } = moneyReader(asCurrency(order.currency));
    const lines = (order.line_items ?? []).map((line) => asLine(line, read));
    const edits = order.cancelled_at ? [] : lines.map((line) => editOf(line, order));
    const totals = totalsOf(order, read);
    const gone = edits.reduce((sum, { removed }) => sum + removed, 0n);
    return {
        updatedAt: new Date(order.updated_at),
        externalName: order.name ?? null,
        isTest: order.test ?? false,
        isFullyRefunded: order.financial_status === "refunded",
        totals: gone > 0n ? less(totals, gone, read(order.current_total_price, "current")) : totals,
        lines: gone > 0n ? edits.flatMap(({ line }) => (line.quantity > 0 ? [line] : [])) : lines,
        exactAmounts,
    };
}

/** What an edit took out of an order and no refund names. Shopify leaves it in `quantity` and `total_price`. */
function editOf(line: ReportedLine, order: Order): { line: ReportedLine; removed: bigint } {
    const told = order.line_items?.find(({ id }) => id === line.externalId);
    const refunded = (order.refunds ?? [])
        .flatMap(({ refund_line_items }) => refund_line_items ?? [])
        .filter(({ line_item_id }) => line_item_id === line.externalId)
        .reduce((sum, { quantity }) => sum + Number(quantity), 0);
    const quantity = Math.min(
        line.quantity,
        Number(told?.current_quantity ?? line.quantity) + refunded
    );
    if (quantity === line.quantity || line.quantity === 0) return { line, removed: 0n };
    const part = (amount: bigint) => (amount * BigInt(quantity)) / BigInt(line.quantity);
    const total = part(line.total);
    const discount = line.unitPrice * BigInt(quantity) - total;
    const kept = { ...line, quantity, tax: part(line.tax), discount, total };
    return { line: kept, removed: line.total - total };
}

function less(totals: Totals, gone: bigint, current: bigint): Totals {
    const total = totals.total - gone > current ? totals.total - gone : current;
    const left = totals.subtotal - (totals.total - total);
    const { presentmentTotal } = totals;
    return {
        ...totals,
        total,
        subtotal: left > 0n ? left : 0n,
        presentmentTotal:
            presentmentTotal && totals.total > 0n
                ? (presentmentTotal * total) / totals.total
                : presentmentTotal,
    };
}

function totalsOf(order: Order, read: ReadMoney): Totals {
    const presentment = order.total_price_set?.presentment_money;
    return {
        currency: asCurrency(order.currency),
        total: read(order.total_price, "total"),
        subtotal: read(order.subtotal_price ?? order.total_price, "subtotal"),
        discount: read(order.total_discounts, "discount"),
        shipping: read(order.total_shipping_price_set?.shop_money.amount, "shipping"),
        tax: read(order.total_tax, "tax"),
        ...presented(presentment),
    };
}

function presented(money: Static<typeof Priced> | undefined) {
    if (!money) return { presentmentCurrency: null, presentmentTotal: null };
    const presentmentCurrency = asCurrency(money.currency_code);
    return { presentmentCurrency, presentmentTotal: minorUnits(money.amount, presentmentCurrency) };
}

function asLine(line: Line, read: ReadMoney): ReportedLine {
    const amountOf = (text: string, name: string) => read(text, `lines.${line.id}.${name}`);
    const sum = (prices: readonly string[], name: string) =>
        prices.reduce((total, price) => total + amountOf(price, name), 0n);
    const quantity = Number(line.quantity);
    const unitPrice = amountOf(line.price, "unitPrice");
    const allocated = sum(
        (line.discount_allocations ?? []).map(({ amount }) => amount),
        "discount"
    );
    const price = unitPrice * BigInt(quantity);
    const discount = allocated < price ? allocated : price;
    return {
        externalId: line.id,
        productId: line.product_id ?? null,
        variantId: line.variant_id ?? null,
        sku: line.sku || null,
        title: line.title ?? "",
        quantity,
        unitPrice,
        discount,
        tax: sum(
            (line.tax_lines ?? []).map((tax) => tax.price),
            "tax"
        ),
        total: price - discount,
    };
}

/** Only money that moved counts; while a refund is pending it is known, and worth nothing. */
function asRefund(refund: Refund): ReportedRefund {
    const transactions = (refund.transactions ?? [])
        .filter(({ kind }) => kind === "refund")
        .map((one, index) => asTransaction(one, `${refund.id}#${index}`))
        .sort((a, b) => (a.externalId < b.externalId ? -1 : 1));
    return {
        externalId: refund.id,
        refundedAt: new Date(refund.processed_at ?? refund.created_at),
        seenAt: null,
        lines: [...(refund.refund_line_items ?? []).map(asRefundLine), ...shippingOf(refund)],
        ...movedBy(transactions),
    };
}

function asTransaction(
    { id, status, amount, currency }: Transaction,
    unnumbered: string
): RefundTransaction {
    return {
        externalId: id ?? unnumbered,
        amount,
        currency: currency ? asCurrency(currency) : null,
        status: status === "success" || status === "pending" ? status : "failed",
    };
}

const asRefundLine = (line: Static<typeof RefundedLine>): RefundLine => ({
    lineId: line.line_item_id,
    quantity: Number(line.quantity),
    amount: line.subtotal_set?.shop_money.amount ?? line.subtotal ?? "0",
    tax: line.total_tax ?? "0",
});

const shippingOf = ({ order_adjustments }: Refund): RefundLine[] =>
    (order_adjustments ?? [])
        .filter(({ kind, amount }) => kind === "shipping_refund" && amount.startsWith("-"))
        .map(({ amount }) => ({
            lineId: "shipping",
            quantity: 0,
            amount: amount.slice(1),
            tax: "0",
        }));

function buyerOf(order: Order): Buyer {
    return {
        clientId: clientIdOf(order),
        customerId: order.customer?.id ?? undefined,
        email: (order.email || order.customer?.email) ?? undefined,
        codes: (order.discount_codes ?? []).flatMap(({ code }) => code || []),
        landingUrl: order.landing_site ?? undefined,
        tokens: [order.token, order.checkout_token, order.cart_token].flatMap((one) => one || []),
    };
}

/** `_client_id`, or a theme's own name that ends so. */
function clientIdOf({ note_attributes }: Order): string | undefined {
    const named = (note_attributes ?? []).filter(({ name }) => name.endsWith("client_id"));
    const { value } = named.find(({ name }) => name === "_client_id") ?? named[0] ?? {};
    return value && isUuid(value) ? value : undefined;
}
