import { isUuid } from "@/utils/ids";
import type { LosslessJson } from "@/utils/json";
import { asCurrency, minorUnits } from "@/utils/money";
import { assertShape } from "@/utils/schema";
import type { RefundLine, RefundTransaction } from "../../db/RefundTransaction";
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
import { endOfSecond, moneyReader, type ReadMoney } from "./shapes";
import { readNotice } from "./shopifyNotices";
import {
    type Line,
    Order,
    type Priced,
    type Refund,
    type RefundedLine,
    RefundWithOrder,
    type Transaction,
    TransactionOfOrder,
} from "./shopifyShapes";

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

function presented(money: Priced | undefined) {
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

const asRefundLine = (line: RefundedLine): RefundLine => ({
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
