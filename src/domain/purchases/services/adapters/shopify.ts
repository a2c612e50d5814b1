import { type Static, type TSchema, Type } from "@sinclair/typebox";
import { sumOf } from "@/utils/decimal";
import { isUuid } from "@/utils/ids";
import type { LosslessJson } from "@/utils/json";
import { asCurrency, type Currency, minorUnits } from "@/utils/money";
import { assertShape } from "@/utils/schema";
import type { OrderReport, Reading, ReportedLine, ReportedRefund, Totals } from "../OrderReport";

/*
 * Shopify's order as far as we read it (Admin REST API 2026-04). Numbers are still text here, so ids keep all
 * their digits. What is missing for guests, custom lines or free orders is allowed to be missing.
 */
const Text = Type.Union([Type.String(), Type.Null()]);
const Id = Type.String({ pattern: "^\\d+$" });
const date = "\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])";
const time = "([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(\\.\\d+)?(Z|[+-]([01]\\d|2[0-3]):[0-5]\\d)";
const Instant = Type.String({ pattern: `^${date}T${time}$` });
const Money = Type.String({ pattern: "^\\d{1,30}(\\.\\d{1,30})?$" });
const optional = <Schema extends TSchema>(schema: Schema) =>
    Type.Optional(Type.Union([schema, Type.Null()]));
const Priced = Type.Object({ amount: Money, currency_code: Type.String() });
const PriceSet = Type.Object({ shop_money: Priced, presentment_money: Priced });

const Transaction = Type.Object({
    kind: Type.String(),
    status: Type.String(),
    amount: Money,
    currency: optional(Type.String()),
});
const Refund = Type.Object({
    id: Id,
    created_at: Instant,
    processed_at: optional(Instant),
    transactions: optional(Type.Array(Transaction)),
});
const RefundWithOrder = Type.Composite([Refund, Type.Object({ order_id: Id })]);
const Line = Type.Object({
    id: Id,
    product_id: optional(Id),
    variant_id: optional(Id),
    sku: optional(Type.String()),
    title: optional(Type.String()),
    quantity: Type.String({ pattern: "^\\d{1,9}$" }),
    current_quantity: optional(Type.String({ pattern: "^\\d{1,9}$" })),
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
    subtotal_price: optional(Money),
    total_discounts: optional(Money),
    total_tax: optional(Money),
    total_price_set: optional(PriceSet),
    total_shipping_price_set: optional(PriceSet),
    token: optional(Type.String()),
    checkout_token: optional(Type.String()),
    cart_token: optional(Type.String()),
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
        return { report: aboutRefund(body.order_id, body) };
    }
    if (!orderTopics.has(topic))
        return { ignored: `Nothing here listens to ${topic || "no topic"}` };
    if (topic === "orders/edited") return { ignored: "orders/updated tells the same, whole" };
    assertShape(Order, body);
    return { report: aboutOrder(body) };
}

function aboutRefund(orderId: string, refund: Refund): OrderReport {
    return {
        externalId: orderId,
        snapshot: undefined,
        paidAt: undefined,
        cancelledAt: undefined,
        refunds: [asRefund(refund)],
        clientId: undefined,
        tokens: [],
    };
}

function aboutOrder(order: Order): OrderReport {
    const currency = asCurrency(order.currency);
    const status = order.financial_status ?? "";
    const updatedAt = new Date(order.updated_at);
    const placedAt = endOfSecond(order.processed_at ?? order.created_at);
    const cancelledAt = order.cancelled_at ? new Date(order.cancelled_at) : undefined;
    return {
        externalId: order.id,
        snapshot: {
            updatedAt,
            externalName: order.name ?? null,
            isTest: order.test ?? false,
            isFullyRefunded: status === "refunded",
            totals: totalsOf(order, currency),
            lines: (order.line_items ?? []).map((line) => asLine(line, currency)),
        },
        paidAt: paidStatuses.has(status) ? placedAt : undefined,
        cancelledAt: cancelledAt ?? (deadStatuses.has(status) ? updatedAt : undefined),
        refunds: (order.refunds ?? []).map(asRefund),
        clientId: clientIdOf(order),
        tokens: [order.token, order.checkout_token, order.cart_token].flatMap((one) => one || []),
    };
}

/** Shopify cuts the fraction off: an arrival in the same second came before the order, not after. */
const endOfSecond = (time: string): Date =>
    new Date(Math.floor(Date.parse(time) / 1_000) * 1_000 + 999);

function totalsOf(order: Order, currency: Currency): Totals {
    const inShopMoney = (text: string | null | undefined) => minorUnits(text ?? "0", currency);
    const presentment = order.total_price_set?.presentment_money;
    return {
        currency,
        total: inShopMoney(order.total_price),
        subtotal: inShopMoney(order.subtotal_price ?? order.total_price),
        discount: inShopMoney(order.total_discounts),
        shipping: inShopMoney(order.total_shipping_price_set?.shop_money.amount),
        tax: inShopMoney(order.total_tax),
        ...presented(presentment),
    };
}

function presented(money: Static<typeof Priced> | undefined) {
    if (!money) return { presentmentCurrency: null, presentmentTotal: null };
    const presentmentCurrency = asCurrency(money.currency_code);
    return { presentmentCurrency, presentmentTotal: minorUnits(money.amount, presentmentCurrency) };
}

function asLine(line: Line, currency: Currency): ReportedLine {
    const sum = (prices: readonly string[]) =>
        prices.reduce((total, price) => total + minorUnits(price, currency), 0n);
    const quantity = Number(line.quantity);
    const unitPrice = minorUnits(line.price, currency);
    const discount = sum((line.discount_allocations ?? []).map(({ amount }) => amount));
    return {
        externalId: line.id,
        productId: line.product_id ?? null,
        variantId: line.variant_id ?? null,
        sku: line.sku || null,
        title: line.title ?? "",
        quantity,
        unitPrice,
        discount,
        tax: sum((line.tax_lines ?? []).map(({ price }) => price)),
        total: unitPrice * BigInt(quantity) - discount,
        refundedQuantity: quantity - Number(line.current_quantity ?? line.quantity),
    };
}

/** Only money that moved counts; while a refund is pending it is known, and worth nothing. */
function asRefund({ id, created_at, processed_at, transactions }: Refund): ReportedRefund {
    const refunds = (transactions ?? []).filter(({ kind }) => kind === "refund");
    const moved = refunds.filter(({ status }) => status === "success");
    const code = moved.find(({ currency }) => currency)?.currency;
    return {
        externalId: id,
        amount: sumOf(moved.map(({ amount }) => amount)),
        currency: code ? asCurrency(code) : null,
        hasSucceeded: moved.length > 0,
        refundedAt: new Date(processed_at ?? created_at),
    };
}

function clientIdOf({ note_attributes }: Order): string | undefined {
    const value = note_attributes?.find(({ name }) => name === "_client_id")?.value;
    return value && isUuid(value) ? value : undefined;
}
