import fc from "fast-check";
import { expect, test } from "vitest";
import { type Fraction, floor, fraction, over, times, whole } from "@/utils/fraction";

const amounts = fc.bigInt({ min: 1n, max: 10n ** 24n });
const fractions = fc.record({ numerator: amounts, denominator: amounts });

const isEqual = (a: Fraction, b: Fraction) =>
    a.numerator * b.denominator === b.numerator * a.denominator;

test("a decimal is exactly itself", () => {
    expect(fraction("12.990")).toEqual({ numerator: 12_990n, denominator: 1_000n });
    expect(fraction("5")).toEqual(whole(5n));
});

test("over undoes times", () => {
    fc.assert(fc.property(fractions, fractions, (a, b) => isEqual(over(times(a, b), b), a)));
});

test("the order of factors does not matter", () => {
    fc.assert(
        fc.property(fractions, fractions, fractions, (a, b, c) =>
            isEqual(times(times(a, b), c), times(b, times(c, a)))
        )
    );
});

test("floor is the largest whole number that is not more", () => {
    fc.assert(
        fc.property(fractions, ({ numerator, denominator }) => {
            const units = floor({ numerator, denominator });
            expect(units * denominator <= numerator).toBe(true);
            expect((units + 1n) * denominator > numerator).toBe(true);
        })
    );
});

test("parts of a whole, each rounded down, never add up to more than it", () => {
    const percents = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 20 });
    fc.assert(
        fc.property(amounts, percents, (amount, parts) => {
            const all = BigInt(parts.reduce((sum, part) => sum + part, 0));
            const share = (part: number) =>
                floor(times(whole(amount), over(whole(BigInt(part)), whole(all))));
            const sum = parts.map(share).reduce((total, one) => total + one, 0n);
            expect(sum <= amount && amount - sum < BigInt(parts.length)).toBe(true);
        })
    );
});

test("nothing can be divided by zero", () => {
    expect(() => floor(over(whole(1n), whole(0n)))).toThrow(RangeError);
});
