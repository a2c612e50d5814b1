import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decimalPlaces, decimalText, isPlainDecimal, scaled, sumOf } from "@/utils/decimal";

const digits = (least: number, most: number) =>
    fc
        .array(fc.constantFrom(..."0123456789"), { minLength: least, maxLength: most })
        .map((all) => all.join(""));
const decimals = fc
    .tuple(digits(1, 30), fc.option(digits(1, 18)))
    .map(([whole, part]) => (part === null ? whole : `${whole}.${part}`));

describe("scaled", () => {
    test.each([
        ["12.99", 2, 1_299n],
        ["12.9", 2, 1_290n],
        ["007", 2, 700n],
        ["0", 6, 0n],
        ["2.00", 6, 2_000_000n],
        ["99999999999999999999.99", 2, 9_999_999_999_999_999_999_999n],
    ])("%s with %i decimals is %s", (text, scale, units) => {
        expect(scaled(text, scale)).toBe(units);
    });

    test.each([
        ["0.005", 0n],
        ["0.015", 2n],
        ["0.025", 2n],
        ["0.0250000000001", 3n],
        ["0.004999", 0n],
        ["1.995", 200n],
    ])("rounds %s half-even to %s cents", (text, cents) => {
        expect(scaled(text, 2)).toBe(cents);
    });

    test.each([
        ["nothing", ""],
        ["a sign", "-5.00"],
        ["a plus", "+5"],
        ["an exponent", "1e9"],
        ["no number", "NaN"],
        ["infinity", "Infinity"],
        ["hexadecimal", "0x10"],
        ["no whole part", ".5"],
        ["no decimals after the point", "5."],
        ["a space", " 5"],
        ["a line break", "5\n"],
        ["a thousands separator", "1,000.00"],
        ["another script's digits", "٣"],
        ["more digits than anybody has", "9".repeat(31)],
    ])("refuses %s", (_, text) => {
        expect(isPlainDecimal(text)).toBe(false);
        expect(() => scaled(text, 2)).toThrow(expect.objectContaining({ code: "INVALID_DECIMAL" }));
    });
});

describe("decimalText", () => {
    test.each([
        [1_299n, 2, "12.99"],
        [5n, 2, "0.05"],
        [0n, 2, "0.00"],
        [1_299n, 0, "1299"],
        [1n, 18, "0.000000000000000001"],
    ])("%s in units of 10^-%i is %s", (units, scale, text) => {
        expect(decimalText(units, scale)).toBe(text);
    });

    test("is what scaled reads back, whatever the amount and the scale", () => {
        const amounts = fc.tuple(fc.bigInt({ min: 0n, max: 10n ** 30n - 1n }), fc.nat(18));
        fc.assert(
            fc.property(amounts, ([units, scale]) => {
                expect(scaled(decimalText(units, scale), scale)).toBe(units);
            })
        );
    });
});

test("nothing is lost at as many places as a decimal has, and rounding is off by at most half a unit", () => {
    fc.assert(
        fc.property(decimals, fc.nat(8), (text, scale) => {
            const places = decimalPlaces(text);
            const exact = scaled(text, places);
            const [whole = "", part = ""] = text.split(".");
            expect(exact).toBe(BigInt(whole + part));

            const off = scaled(text, scale) * 10n ** BigInt(places) - exact * 10n ** BigInt(scale);
            expect(2n * (off < 0n ? -off : off) <= 10n ** BigInt(places)).toBe(true);
        })
    );
});

describe("sumOf", () => {
    test("keeps as many decimals as the most exact of them", () => {
        expect(sumOf(["34.10", "100", "0.005"])).toBe("134.105");
        expect(sumOf([])).toBe("0");
    });

    test("does not depend on the order", () => {
        fc.assert(
            fc.property(fc.array(decimals, { maxLength: 6 }), (some) => {
                expect(sumOf(some.toReversed())).toBe(sumOf(some));
            })
        );
    });
});
