import type { Price } from "@/infrastructure/pricing/PriceSource";
import { scaled } from "@/utils/decimal";
import { type Fraction, floor, fraction, over, times, whole } from "@/utils/fraction";
import { type Asset, type Currency, exponentOf } from "@/utils/money";

/** What somebody may earn. `tokens` of a fixed amount; of a percentage its bounds. */
export type Earning = {
    /** How the amount is found: `fixed`, `percent`, `tiered` or `range`. */
    kind: string;
    percent: { of: string; percent: string } | null;
    tokens: { amount: bigint | null; min: bigint | null; max: bigint | null };
    /** What the most of it is worth now, in minor units; nothing where nobody knows a price. */
    worth: ReadonlyMap<Currency, bigint>;
};

type Prices = ReadonlyMap<Currency, Price>;
type Fixed = { amount: string; currency?: string };
type Percent = { of: string; percent: string; min?: string; max?: string };
type Amount = { fixed: Fixed } | { percent: Percent } | Record<string, unknown>;

/** One rule's amount as it stands before anybody buys. What depends on the order alone is only named. */
export function earningOf(amount: Amount, asset: Asset, prices: Prices): Earning {
    const kind = Object.keys(amount)[0] ?? "";
    if ("fixed" in amount) {
        const tokens = tokensOf(amount.fixed as Fixed, prices);
        return {
            kind,
            percent: null,
            tokens: { ...unknown, amount: tokens && inBaseUnits(tokens, asset) },
            worth: worthOf(tokens, prices),
        };
    }
    if ("percent" in amount) {
        const { of, percent, min, max } = amount.percent as Percent;
        const inUnits = (text: string | undefined) =>
            text === undefined ? null : scaled(text, asset.decimals);
        return {
            kind,
            percent: { of, percent },
            tokens: { amount: null, min: inUnits(min), max: inUnits(max) },
            worth: worthOf(max === undefined ? null : fraction(max), prices),
        };
    }
    return { kind, percent: null, tokens: unknown, worth: new Map() };
}

const unknown = { amount: null, min: null, max: null };

/** Whole tokens and parts of one, exactly; nothing where nobody knows a price. */
function tokensOf({ amount, currency }: Fixed, prices: Prices): Fraction | null {
    if (!currency) return fraction(amount);
    const price = prices.get(currency as Currency)?.price;
    return price === undefined ? null : over(fraction(amount), fraction(price));
}

const inBaseUnits = (tokens: Fraction, { decimals }: Asset): bigint =>
    floor(times(tokens, whole(10n ** BigInt(decimals))));

function worthOf(tokens: Fraction | null, prices: Prices): Map<Currency, bigint> {
    if (tokens === null) return new Map();
    return new Map(
        [...prices].map(([currency, { price }]) => {
            const minorUnits = whole(10n ** BigInt(exponentOf(currency)));
            return [currency, floor(times(times(tokens, fraction(price)), minorUnits))];
        })
    );
}
