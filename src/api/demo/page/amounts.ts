import type { Money, TokenAmount } from "./shapes";

const decimalsShown = 2;

/** `"3.20 TEST"`. Whole numbers as text go in, so that no digit is lost. */
export function tokenText({ amount, symbol, decimals }: TokenAmount): string {
    return `${decimalText(amount, decimals)} ${symbol}`;
}

export function moneyText({ amount, currency, exponent }: Money): string {
    return `${decimalText(amount, exponent)} ${currency}`;
}

/** As many decimals as say something, but two at least. */
export function decimalText(amount: string, decimals: number): string {
    const digits = amount.padStart(decimals + 1, "0");
    const whole = digits.slice(0, digits.length - decimals);
    const fraction = digits.slice(digits.length - decimals).replace(/0+$/, "");
    const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
    return `${grouped}.${fraction.padEnd(Math.min(decimalsShown, decimals), "0")}`;
}
