import { scaled } from "@/utils/decimal";
import { type Fraction, floor, fraction, over, times, whole } from "@/utils/fraction";
import { type Asset, type Currency, exponentOf } from "@/utils/money";
import type { RewardRule } from "./definition";
import type { Facts, PinnedPrice } from "./facts";

/** Base units of the reward asset, or `unpriced` when money would have to be converted and nobody knows its price. */
export type Amount = bigint | "unpriced";

/** What each price that was used was, by currency. */
export type UsedPrices = Map<Currency, PinnedPrice>;

/** One rule's amount for these facts: rounded once, down, to the asset's base unit. */
export function amountOf({ amount }: RewardRule, facts: Facts, used: UsedPrices): Amount {
    const { asset, purchase } = facts;
    if ("fixed" in amount) {
        const { amount: text, currency } = amount.fixed;
        if (!currency) return scaled(text, asset.decimals);
        return inBaseUnits(fraction(text), currency as Currency, { facts, used });
    }
    const { of, percent, min, max } = amount.percent;
    const part = times(
        inUnits(purchase[of], purchase.currency),
        over(fraction(percent), whole(100n))
    );
    const units = inBaseUnits(part, purchase.currency, { facts, used });
    return units === "unpriced" ? units : within(units, asset, { min, max });
}

/** Minor units as units: cents as euros. */
const inUnits = (minorUnits: bigint, currency: Currency): Fraction => ({
    numerator: minorUnits,
    denominator: 10n ** BigInt(exponentOf(currency)),
});

type Pricing = { facts: Facts; used: UsedPrices };

function inBaseUnits(money: Fraction, currency: Currency, { facts, used }: Pricing): Amount {
    const pinned = facts.prices.get(currency);
    if (!pinned) return "unpriced";
    used.set(currency, pinned);
    const tokens = over(money, fraction(pinned.price));
    return floor(times(tokens, whole(10n ** BigInt(facts.asset.decimals))));
}

type Bounds = { min: string | undefined; max: string | undefined };

function within(units: bigint, asset: Asset, { min, max }: Bounds): bigint {
    const least = min === undefined ? 0n : scaled(min, asset.decimals);
    const most = max === undefined ? units : scaled(max, asset.decimals);
    if (units < least) return least;
    return units > most ? most : units;
}
