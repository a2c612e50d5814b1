import Big from "big.js";

/** A number out of JSON as a plain decimal, never `1e-7`; nothing when it is no price. */
export function priceText(value: unknown): string | undefined {
    if (typeof value !== "number" || !Number.isFinite(value) || value <= 0) return undefined;
    return new Big(value).toFixed();
}
