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

export const plus = (a: Fraction, b: Fraction): Fraction => ({
    numerator: a.numerator * b.denominator + b.numerator * a.denominator,
    denominator: a.denominator * b.denominator,
});

/** `a` must not be less than `b`: there are no negative shares. */
export const minus = (a: Fraction, b: Fraction): Fraction => ({
    numerator: a.numerator * b.denominator - b.numerator * a.denominator,
    denominator: a.denominator * b.denominator,
});

/** The same ratio in the smallest numbers. */
export function reduced({ numerator, denominator }: Fraction): Fraction {
    const divisor = greatestCommonDivisor(numerator, denominator);
    return { numerator: numerator / divisor, denominator: denominator / divisor };
}

/** As people write it: `"1/3"`, `"1"`. */
export function fractionText(ratio: Fraction): string {
    if (ratio.denominator === 1n) return `${ratio.numerator}`;
    const { numerator, denominator } = reduced(ratio);
    return denominator === 1n ? `${numerator}` : `${numerator}/${denominator}`;
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
    let [left, right] = [a, b];
    while (right !== 0n) [left, right] = [right, left % right];
    return left === 0n ? 1n : left;
}
