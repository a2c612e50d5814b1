import { data } from "currency-codes";
import type { Address } from "viem";
import { decimalText, scaled } from "./decimal";
import { InvalidError } from "./errors";

/** An ISO 4217 code. */
export type Currency = string & { readonly currency: true };

/** Whole minor units of a currency: never a fraction, never a float. */
export type Money = { amount: bigint; currency: Currency };

/** A token that rewards are paid in. Amounts of it are whole base units (10^-decimals of a token). */
export type Asset = { address: Address; symbol: string; decimals: number };

const exponents = new Map(data.map(({ code, digits }) => [code, digits]));

export const isCurrency = (code: string): boolean => exponents.has(code);

/** A known ISO 4217 code, or `UNKNOWN_CURRENCY`. */
export function asCurrency(text: string): Currency {
    const code = text.toUpperCase();
    if (!exponents.has(code)) {
        throw new InvalidError("UNKNOWN_CURRENCY", `"${text.slice(0, 10)}" is not a currency`);
    }
    return code as Currency;
}

/** How many decimals a currency has by ISO 4217: 2 for EUR, 0 for JPY, 3 for KWD. */
export function exponentOf(currency: Currency): number {
    return exponents.get(currency) ?? 2;
}

/** A decimal string as minor units of its currency; more decimals than ISO 4217 gives it are rounded half-even. */
export function minorUnits(text: string, currency: Currency): bigint {
    return scaled(text, exponentOf(currency));
}

/** As people write it: `"12.99 EUR"`. */
export function moneyText({ amount, currency }: Money): string {
    return `${decimalText(amount, exponentOf(currency))} ${currency}`;
}
