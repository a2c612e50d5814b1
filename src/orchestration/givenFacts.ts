import type { Facts, PersonFacts, PurchaseFacts, Touch } from "@/domain/campaign";
import type { GroupId, InteractionId, TouchpointId } from "@/utils/ids";
import { type Asset, asCurrency, type Currency, minorUnits } from "@/utils/money";

type GivenItem = {
    productId?: string | undefined;
    sku?: string | undefined;
    categories?: readonly string[] | undefined;
    quantity: number;
    /** A decimal in the order's currency, for all pieces. */
    total: string;
};
/** An order that somebody imagines. Money in decimals of its currency; people by any name. */
export type GivenOrder = {
    currency: string;
    total: string;
    subtotal?: string | undefined;
    discount?: string | undefined;
    shipping?: string | undefined;
    tax?: string | undefined;
    discountCodes?: readonly string[] | undefined;
    isTest?: boolean | undefined;
    items?: readonly GivenItem[] | undefined;
    customer?: string | undefined;
    referrer?: string | undefined;
    occurredAt?: string | undefined;
};
export type Given = { asset: Asset; timeZone: string; now: Date; prices: Facts["prices"] };

/** Imagined orders as facts, in the order in which they are given; who bought before is remembered. */
export function* givenFacts(orders: readonly GivenOrder[], given: Given): Generator<Facts> {
    const people = new Map<GroupId, PersonFacts>();
    for (const [index, order] of orders.entries()) {
        const actor = (order.customer ?? `customer ${index + 1}`) as GroupId;
        const buyer = people.get(actor) ?? nobody;
        const currency = asCurrency(order.currency);
        const purchase = purchaseOf(order, currency, buyer.purchases === 0);
        const occurredAt = order.occurredAt ? new Date(order.occurredAt) : given.now;
        yield {
            interactionId: `order ${index + 1}` as InteractionId,
            trigger: "purchase",
            actor,
            occurredAt,
            timeZone: given.timeZone,
            asset: given.asset,
            purchase,
            touches: order.referrer ? [touchOf(order.referrer, occurredAt)] : [],
            chains: new Map(),
            people: new Map([[actor, buyer]]),
            prices: given.prices,
        };
        people.set(actor, after(buyer, purchase));
    }
}

const nobody: PersonFacts = {
    purchases: 0,
    spend: new Map(),
    hasWallet: false,
    rewards: { count: 0, amount: 0n },
};

function after(buyer: PersonFacts, { total, currency }: PurchaseFacts): PersonFacts {
    const spend = new Map(buyer.spend).set(currency, (buyer.spend.get(currency) ?? 0n) + total);
    return { ...buyer, purchases: buyer.purchases + 1, spend };
}

function purchaseOf(order: GivenOrder, currency: Currency, isFirst: boolean): PurchaseFacts {
    const units = (text = "0") => minorUnits(text, currency);
    return {
        total: units(order.total),
        subtotal: units(order.subtotal ?? order.total),
        discount: units(order.discount),
        shipping: units(order.shipping),
        tax: units(order.tax),
        currency,
        isTest: order.isTest ?? false,
        isConfirmed: true,
        isFirst,
        discountCodes: order.discountCodes,
        lines: order.items?.map(({ total, quantity, ...item }) => ({
            ...item,
            quantity,
            unitPrice: units(total) / BigInt(quantity),
            total: units(total),
        })),
    };
}

const touchOf = (referrer: string, occurredAt: Date): Touch => ({
    touchpointId: `arrival through ${referrer}` as TouchpointId,
    source: "referral",
    referrerGroupId: referrer as GroupId,
    occurredAt,
});
