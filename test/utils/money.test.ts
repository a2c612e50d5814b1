import { describe, expect, test } from "vitest";
import { asCurrency, exponentOf, minorUnits, moneyText } from "@/utils/money";

describe("a currency", () => {
    test.each([
        ["EUR", 2],
        ["JPY", 0],
        ["KWD", 3],
        ["CLF", 4],
    ])("%s has %i decimals", (code, exponent) => {
        expect(exponentOf(asCurrency(code))).toBe(exponent);
    });

    test("is told in any case and kept in one", () => {
        expect(asCurrency("eur")).toBe("EUR");
    });

    test.each(["", "E", "EURO", "XYZ", "€", "__proto__", "constructor"])("%j is none", (text) => {
        expect(() => asCurrency(text)).toThrow(
            expect.objectContaining({ code: "UNKNOWN_CURRENCY" })
        );
    });
});

describe("money", () => {
    test.for<[string, string, bigint, string]>([
        ["12.99", "EUR", 1_299n, "12.99 EUR"],
        ["1299", "JPY", 1_299n, "1299 JPY"],
        ["1299.5", "JPY", 1_300n, "1300 JPY"],
        ["1298.5", "JPY", 1_298n, "1298 JPY"],
        ["12.999", "KWD", 12_999n, "12.999 KWD"],
        ["12.995", "EUR", 1_300n, "13.00 EUR"],
    ])("of %s %s is %s minor units, shown as %s", ([text, code, amount, shown]) => {
        const currency = asCurrency(code);
        expect(minorUnits(text, currency)).toBe(amount);
        expect(moneyText({ amount, currency })).toBe(shown);
    });
});
