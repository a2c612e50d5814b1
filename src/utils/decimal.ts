import Big from "big.js";
import { InvalidError } from "./errors";

/** Plain decimals only: no sign, no exponent, nothing that could name a number too large to hold. */
const plainDecimal = /^\d{1,30}(\.\d{1,30})?$/;
const halfEven = 2;

export const isPlainDecimal = (text: string): boolean => plainDecimal.test(text);

export const decimalPlaces = (text: string): number => text.split(".")[1]?.length ?? 0;

/**
 * A decimal string in units of 10^-scale: `scaled("12.99", 2)` is `1299n`. More decimals than the scale has
 * are rounded half-even. Throws `INVALID_DECIMAL` for a negative, exponent or otherwise unplain number.
 */
export function scaled(text: string, scale: number): bigint {
    if (!isPlainDecimal(text)) {
        throw new InvalidError("INVALID_DECIMAL", `"${text.slice(0, 40)}" is not a plain decimal`);
    }
    const [whole = "", part = ""] = text.split(".");
    // Nearly always there is nothing to round, and appending zeros is exact.
    if (part.length <= scale) return BigInt(whole + part.padEnd(scale, "0"));
    return BigInt(new Big(text).times(new Big(10).pow(scale)).round(0, halfEven).toFixed());
}

/** The inverse of `scaled`, as people write it: `decimalText(1299n, 2)` is `"12.99"`. */
export function decimalText(units: bigint, scale: number): string {
    if (scale === 0) return units.toString();
    const text = units.toString();
    const digits = text.length > scale ? text : text.padStart(scale + 1, "0");
    return `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** The exact sum of plain decimals, as one. */
export function sumOf(decimals: readonly string[]): string {
    const places = Math.max(0, ...decimals.map(decimalPlaces));
    const units = decimals.reduce((sum, decimal) => sum + scaled(decimal, places), 0n);
    return decimalText(units, places);
}
