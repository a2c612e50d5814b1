import { decimalPlaces, scaled } from "./decimal";

/** An exact non-negative ratio: what percentages, prices and shares are until the one rounding at the end. */
export type Fraction = { numerator: bigint; denominator: bigint };

export const whole = (amount: bigint): Fraction => ({ numerator: amount, denominator: 1n });

/** A plain decimal string, exactly. */
export function fraction(decimal: string): Fraction {
    const places = decimalPlaces(decimal);
    return { numerator: scaled(decimal, places), denominator: 10n ** BigInt(places) };
}

export const times = (a: Fraction, b: Fraction): Fraction => ({
    numerator: a.numerator * b.numerator,
    denominator: a.denominator * b.denominator,
});

export const over = (a: Fraction, b: Fraction): Fraction =>
    times(a, { numerator: b.denominator, denominator: b.numerator });

/** The largest whole number that is not more. */
export const floor = ({ numerator, denominator }: Fraction): bigint => numerator / denominator;
