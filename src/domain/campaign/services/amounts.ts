import { LRUCache } from "lru-cache";
import { scaled } from "@/utils/decimal";
import { type Fraction, fraction, minus, over, plus, times, whole } from "@/utils/fraction";
import { type Currency, exponentOf } from "@/utils/money";
import { remembered } from "@/utils/remembered";
import type { Amount, AssetKind, ItemFilter, Part, RewardRule, Sum } from "./definition";
import { drawBeta25 } from "./draw";
import type { Line, PinnedPrice, PurchaseFacts } from "./facts";
import { decimalScale, type Scene } from "./fields";
import { compileTiers } from "./tiers";
import type { DrawTrace } from "./trace";

/** What each price that was used was, by currency. */
export type UsedPrices = Map<Currency, PinnedPrice>;

/**
 * Exact base units of what a rule pays in, not yet rounded: of the reward token, whole points, or minor units of a
 * discount's currency. `unpriced` when money would have to be converted and nobody knows its price; `none` when
 * the rule does not apply.
 */
export type Exact = { units: Fraction; currency?: Currency } | "unpriced" | "none";

/** What an amount is worked out from; what was used on the way is left in it. */
export type Working = { scene: Scene; used: UsedPrices; draws: DrawTrace[]; seedOf: () => string };
export type AmountOf = (working: Working) => Exact;

const hundred = whole(100n);
const none = () => "none" as const;

/** A rule's amount as a function. */
export function compileAmount({ amount, asset, item }: RewardRule): AmountOf {
    const amountOf = compileKind(amount, asset, item);
    if (!item) return amountOf;
    return (working) => {
        const lines = working.scene.facts.purchase?.lines ?? [];
        return lines.some((line) => isOf(line, item)) ? amountOf(working) : "none";
    };
}

function compileKind(amount: Amount, kind: AssetKind, item: ItemFilter | undefined): AmountOf {
    if ("fixed" in amount) return compileFixed(amount.fixed, kind);
    if ("percent" in amount) return compilePercent(amount.percent, kind, item);
    if ("range" in amount) return compileRange(amount.range, kind);
    const { field, tiers } = amount.tiered;
    const tierOf = compileTiers(
        field,
        tiers.map((tier) => ({
            ...tier,
            amountOf:
                "fixed" in tier
                    ? compileFixed(sumOf(tier.fixed), kind)
                    : compilePercent(partOf(tier.percent, field), kind, item),
        }))
    );
    return (working) => (tierOf(working.scene)?.amountOf ?? none)(working);
}

export const sumOf = (sum: string | Sum): Sum => (typeof sum === "string" ? { amount: sum } : sum);

/** A tier's bare percentage is of what the tiers are of, where that is a sum of the order. */
export const partOf = (percent: string | Part, field: string): Part =>
    typeof percent === "string"
        ? { of: field === "purchase.subtotal" ? "subtotal" : "total", percent }
        : percent;

function compileFixed({ amount, currency }: Sum, kind: AssetKind): AmountOf {
    const exact = fraction(amount);
    if (currency) return (working) => converted(exact, currency as Currency, { kind, working });
    if (kind === "points") return () => ({ units: exact });
    if (kind === "token") {
        const inBaseUnits = remembered((decimals: number) => ({
            units: times(exact, tokenUnit(decimals)),
        }));
        return ({ scene }) => inBaseUnits(scene.facts.asset.decimals);
    }
    return (working) => {
        const ofOrder = working.scene.facts.purchase?.currency;
        return ofOrder ? converted(exact, ofOrder, { kind, working }) : "none";
    };
}

function compilePercent(
    { of, percent, min, max }: Part,
    kind: AssetKind,
    item: ItemFilter | undefined
): AmountOf {
    const part = over(fraction(percent), hundred);
    const least = boundOf(min);
    const most = boundOf(max);
    const base = of === "items" ? itemsOf(item) : (purchase: PurchaseFacts) => purchase[of];
    return (working) => {
        const { purchase } = working.scene.facts;
        if (!purchase) return "none";
        const { currency } = purchase;
        const money = times(inUnits(base(purchase), currency), part);
        const exact = converted(money, currency, { kind, working });
        return typeof exact === "string" ? exact : within(exact, { least, most, kind, working });
    };
}

const itemsOf =
    (item: ItemFilter | undefined) =>
    ({ lines = [] }: PurchaseFacts): bigint =>
        lines
            .filter((line) => !item || isOf(line, item))
            .reduce((sum, { total }) => sum + total, 0n);

function isOf(line: Line, { productIds, categories, skus }: ItemFilter): boolean {
    return (
        (line.productId !== undefined && productIds?.includes(line.productId)) ||
        (line.sku !== undefined && skus?.includes(line.sku)) ||
        (line.categories?.some((category) => categories?.includes(category)) ?? false)
    );
}

type Range = { base: string | Sum; minFactor: string; maxFactor: string };

function compileRange({ base, minFactor, maxFactor }: Range, kind: AssetKind): AmountOf {
    const baseOf = compileFixed(sumOf(base), kind);
    const least = fraction(minFactor);
    const spread = minus(fraction(maxFactor), least);
    return (working) => {
        const exact = baseOf(working);
        if (typeof exact === "string") return exact;
        const seed = working.seedOf();
        const draw = drawBeta25(seed);
        working.draws.push({ seed, draw: `${draw.numerator}/${draw.denominator}` });
        const factor = plus(least, times(spread, draw));
        return { ...exact, units: times(exact.units, factor) };
    };
}

/** Minor units as units: cents as euros. */
const inUnits = (minorUnits: bigint, currency: Currency): Fraction => ({
    numerator: minorUnits,
    denominator: powerOfTen(exponentOf(currency)),
});
const tokenUnit = (decimals: number): Fraction => whole(powerOfTen(decimals));

const powers = Array.from({ length: 40 }, (_, exponent) => 10n ** BigInt(exponent));
const powerOfTen = (exponent: number): bigint => powers[exponent] ?? 10n ** BigInt(exponent);

/** Prices change far less often than they are used. */
const ratios = new LRUCache<string, Fraction>({ max: 1_000 });
function ratioOf(price: string): Fraction {
    const known = ratios.get(price) ?? fraction(price);
    ratios.set(price, known);
    return known;
}

type Conversion = { kind: AssetKind; working: Working };

/** A point is worth one of whatever the order is in; a discount stays money. */
function converted(money: Fraction, currency: Currency, { kind, working }: Conversion): Exact {
    if (kind === "points") return { units: money };
    if (kind === "discount") {
        return { units: times(money, whole(powerOfTen(exponentOf(currency)))), currency };
    }
    const { facts } = working.scene;
    const pinned = facts.prices.get(currency);
    if (!pinned) return "unpriced";
    working.used.set(currency, pinned);
    return { units: times(over(money, ratioOf(pinned.price)), tokenUnit(facts.asset.decimals)) };
}

/** A bound in base units, by how many decimals those have. */
type Bound = ((decimals: number) => bigint) | undefined;
const boundOf = (amount: string | undefined): Bound =>
    amount === undefined ? undefined : remembered((decimals: number) => scaled(amount, decimals));

type Bounds = { least: Bound; most: Bound } & Conversion;
type Known = Exclude<Exact, string>;

function within(exact: Known, { least, most, kind, working }: Bounds): Known {
    const decimals = decimalsOf(kind, working.scene.facts.asset.decimals, exact.currency);
    const { units } = exact;
    if (least && isLess(units, least(decimals))) return { ...exact, units: whole(least(decimals)) };
    if (most && !isLess(units, most(decimals))) return { ...exact, units: whole(most(decimals)) };
    return exact;
}

const isLess = ({ numerator, denominator }: Fraction, bound: bigint): boolean =>
    numerator < bound * denominator;

/** How many decimals an asset's base unit has: the token's own, none for points, the currency's for a discount. */
export function decimalsOf(
    kind: AssetKind,
    tokenDecimals: number,
    currency: Currency | undefined
): number {
    if (kind === "token") return tokenDecimals;
    if (kind === "points") return 0;
    return currency ? exponentOf(currency) : decimalScale;
}
