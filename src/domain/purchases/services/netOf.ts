import { minorUnits } from "@/utils/money";
import type { Purchase } from "../db/schema";
import type { KnownLine } from "./mergeFacts";
import { isInForce, type KnownRefund } from "./refunds";

/** What the buyer kept of a line and paid for it, in minor units of the order's currency. */
export type NetLine = KnownLine & { netQuantity: number; netTotal: bigint };
export type Net = { total: bigint; subtotal: bigint; lines: NetLine[] };

/** A part of an order's price: a line, or what is no line's (`undefined`): shipping, tax on top, fees, tips. */
type Part = { lineId: string | undefined; price: bigint };

/**
 * What is left of an order after its refunds. The rule, whatever the order in which they came:
 *
 * 1. The price is cut into its lines and a rest that is no line's. Lines that cost more than the order are
 *    discounted to it, each in proportion.
 * 2. What refunds name of a line goes off that line; what they name of anything else, and their tax where tax
 *    comes on top, goes off the rest. No part goes below zero. If they name more than was paid back, what was
 *    paid back counts, shared in proportion to what was named.
 * 3. What was paid back beyond that (amount-only refunds) goes off everything that is left, in proportion.
 *
 * Shares are whole minor units by largest remainder, ties by the line's id, so that the parts always sum to
 * `total - refunded`. A cancelled or fully refunded order keeps nothing.
 */
export function netOf(
    purchase: Purchase,
    lines: readonly KnownLine[],
    refunds: readonly KnownRefund[]
): Net {
    const parts = partsOf(purchase, lines);
    const left = isGone(purchase) ? parts.map(() => 0n) : remaining(purchase, parts, refunds);
    const kept = new Map(parts.map(({ lineId }, index) => [lineId, left[index] ?? 0n]));
    const total = sum(left);
    const lost = sum(
        parts.map(({ lineId, price }, index) => (lineId ? price - (left[index] ?? 0n) : 0n))
    );
    return {
        total,
        subtotal: total === 0n ? 0n : notNegative(purchase.subtotal - lost),
        lines: lines.map((line) => ({
            ...line,
            netTotal: kept.get(line.externalId) ?? 0n,
            netQuantity: isGone(purchase) ? 0 : line.quantity - line.refundedQuantity,
        })),
    };
}

const isGone = ({ status }: Purchase): boolean => status === "cancelled" || status === "refunded";

/** Stands for the goods of an order whose lines the shop did not tell. */
const goods = "(goods)";

function partsOf({ total, subtotal }: Purchase, lines: readonly KnownLine[]): Part[] {
    const told = lines.map(({ externalId, total: price }) => ({ lineId: externalId, price }));
    const ordered = told.sort((a, b) => (a.lineId < b.lineId ? -1 : 1));
    const wanted = ordered.length > 0 ? ordered : [{ lineId: goods, price: subtotal }];
    const prices = wanted.map(({ price }) => price);
    const fitting = sum(prices) > total ? shares(total, prices) : prices;
    return [
        ...wanted.map(({ lineId }, index) => ({ lineId, price: fitting[index] ?? 0n })),
        { lineId: undefined, price: total - sum(fitting) },
    ];
}

function remaining(
    purchase: Purchase,
    parts: readonly Part[],
    refunds: readonly KnownRefund[]
): bigint[] {
    const named = namedParts(purchase, parts, refunds);
    const paidBack = purchase.refunded;
    const off = sum(named) > paidBack ? shares(paidBack, named) : named;
    const after = parts.map(({ price }, index) => price - (off[index] ?? 0n));
    const spread = shares(paidBack - sum(off), after);
    return after.map((price, index) => price - (spread[index] ?? 0n));
}

function namedParts(
    purchase: Purchase,
    parts: readonly Part[],
    refunds: readonly KnownRefund[]
): bigint[] {
    const { currency } = purchase;
    if (!currency) return parts.map(() => 0n);
    const isTaxOnTop = taxIsOnTop(purchase, parts);
    const ids = new Set(parts.map(({ lineId }) => lineId));
    const named = new Map<string | undefined, bigint>();
    const add = (id: string | undefined, amount: bigint) =>
        named.set(id, (named.get(id) ?? 0n) + amount);
    for (const { lines } of refunds.filter((refund) => isInForce(purchase, refund))) {
        for (const { lineId, amount, tax } of lines) {
            add(ids.has(lineId) ? lineId : undefined, minorUnits(amount, currency));
            if (isTaxOnTop) add(undefined, minorUnits(tax, currency));
        }
    }
    return parts.map(({ lineId, price }) => least(named.get(lineId) ?? 0n, price));
}

/** Where the price is more than lines and shipping by the tax, the tax was added to them. */
function taxIsOnTop({ shipping, tax }: Purchase, parts: readonly Part[]): boolean {
    const rest = parts.find(({ lineId }) => lineId === undefined)?.price ?? 0n;
    return tax > 0n && rest >= shipping + tax;
}

/** An amount in proportion to weights, to the last minor unit. At most a weight's own size goes to each. */
function shares(amount: bigint, weights: readonly bigint[]): bigint[] {
    const all = sum(weights);
    if (all === 0n) return weights.map(() => 0n);
    const floors = weights.map((weight) => (amount * weight) / all);
    const byRemainder = weights
        .map((weight, index) => ({ index, remainder: (amount * weight) % all }))
        .sort((a, b) => compare(b.remainder, a.remainder) || a.index - b.index);
    const missing = Number(amount - sum(floors));
    for (const { index } of byRemainder.slice(0, missing))
        floors[index] = (floors[index] ?? 0n) + 1n;
    return floors;
}

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((a, b) => a + b, 0n);
const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const notNegative = (amount: bigint): bigint => (amount > 0n ? amount : 0n);
const compare = (a: bigint, b: bigint): number => (a < b ? -1 : Number(a > b));
