import type { Price } from "@/infrastructure/pricing/PriceSource";
import { scaled } from "@/utils/decimal";
import { floor, fraction, over, times, whole } from "@/utils/fraction";
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
        const tokens = tokensOf(amount.fixed as Fixed, asset, prices);
        return {
            kind,
            percent: null,
            tokens: { amount: tokens, min: null, max: null },
            worth: worthOf(tokens, asset, prices),
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
            worth: worthOf(inUnits(max), asset, prices),
        };
    }
    const tokens = { amount: null, min: null, max: null };
    return { kind, percent: null, tokens, worth: new Map() };
}

function tokensOf({ amount, currency }: Fixed, asset: Asset, prices: Prices): bigint | null {
    if (!currency) return scaled(amount, asset.decimals);
    const price = prices.get(currency as Currency)?.price;
    if (price === undefined) return null;
    const tokens = over(fraction(amount), fraction(price));
    return floor(times(tokens, whole(10n ** BigInt(asset.decimals))));
}

function worthOf(units: bigint | null, asset: Asset, prices: Prices): Map<Currency, bigint> {
    if (units === null) return new Map();
    const tokens = over(whole(units), whole(10n ** BigInt(asset.decimals)));
    return new Map(
        [...prices].map(([currency, { price }]) => {
            const minorUnits = whole(10n ** BigInt(exponentOf(currency)));
            return [currency, floor(times(times(tokens, fraction(price)), minorUnits))];
        })
    );
}
