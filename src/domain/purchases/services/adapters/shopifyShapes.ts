import { type Static, Type } from "@sinclair/typebox";
import { Instant, Money, optional } from "./shapes";

/* Shopify's order as far as we read it (Admin REST API 2026-04). */
const Text = Type.Union([Type.String(), Type.Null()]);
const Id = Type.String({ pattern: "^\\d+$" });
const Count = Type.String({ pattern: "^\\d{1,9}$" });
export const Priced = Type.Object({ amount: Money, currency_code: Type.String() });
const PriceSet = Type.Object({ shop_money: Priced, presentment_money: Priced });

export const Transaction = Type.Object({
    id: optional(Id),
    kind: Type.String(),
    status: Type.String(),
    amount: Money,
    currency: optional(Type.String()),
});
export type Transaction = Static<typeof Transaction>;
export const TransactionOfOrder = Type.Composite([
    Transaction,
    Type.Object({ order_id: Id, created_at: Instant, processed_at: optional(Instant) }),
]);
export const RefundedLine = Type.Object({
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
export const Refund = Type.Object({
    id: Id,
    created_at: Instant,
    processed_at: optional(Instant),
    transactions: optional(Type.Array(Transaction)),
    refund_line_items: optional(Type.Array(RefundedLine)),
    order_adjustments: optional(Type.Array(Adjustment)),
});
export const RefundWithOrder = Type.Composite([Refund, Type.Object({ order_id: Id })]);
export const Line = Type.Object({
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
export const Order = Type.Object({
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
export type Order = Static<typeof Order>;
export type Line = Static<typeof Line>;
export type Refund = Static<typeof Refund>;
export type Priced = Static<typeof Priced>;
export type RefundedLine = Static<typeof RefundedLine>;
