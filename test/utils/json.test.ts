import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseLossless } from "@/utils/json";

const numbers = fc
    .tuple(
        fc.constantFrom("", "-"),
        fc.bigInt({ min: 0n, max: 10n ** 40n }).map(String),
        fc.option(fc.array(fc.constantFrom(..."0123456789"), { minLength: 1, maxLength: 30 })),
        fc.constantFrom("", "e5", "E-7", "e+400")
    )
    .map(
        ([sign, whole, part, exponent]) =>
            `${sign}${whole}${part ? `.${part.join("")}` : ""}${exponent}`
    );

describe("parseLossless", () => {
    test("keeps every digit of every number, wherever it stands", () => {
        fc.assert(
            fc.property(numbers, numbers, (one, other) => {
                expect(parseLossless(`{"a": [${one}, {"b": ${other}}]}`)).toEqual({
                    a: [one, { b: other }],
                });
            })
        );
    });

    test("reads everything else as JSON.parse does", () => {
        const withoutNumbers = (_: string, value: unknown) =>
            typeof value === "number" ? String(value) : value;
        const json = fc.jsonValue().map((value) => JSON.stringify(value, withoutNumbers));
        fc.assert(
            fc.property(json, (text) => {
                expect(parseLossless(text)).toEqual(JSON.parse(text));
            })
        );
    });

    test("an id of Shopify beyond 2^53, a price as a number, a number alone", () => {
        const order = '{"id": 820982911946154508, "total_price": 263.90, "lines": [{"id": 1e2}]}';
        expect(parseLossless(order)).toEqual({
            id: "820982911946154508",
            total_price: "263.90",
            lines: [{ id: "1e2" }],
        });
        expect(parseLossless("0.10")).toBe("0.10");
    });

    test("leaves numbers inside strings alone", () => {
        fc.assert(
            fc.property(fc.string(), numbers, (words, number) => {
                const text = `${words}${number}`;
                expect(parseLossless(JSON.stringify({ text }))).toEqual({ text });
            })
        );
    });

    test("makes of __proto__ a field like any other", () => {
        const parsed = parseLossless('{"__proto__": {"isAdmin": true}, "id": 1}') as object;
        expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype);
        expect((parsed as { isAdmin?: unknown }).isAdmin).toBeUndefined();
        expect(({} as { isAdmin?: unknown }).isAdmin).toBeUndefined();
    });

    test.each([
        "",
        "{",
        "01",
        "1.",
        "NaN",
        "{'a': 1}",
        '{"a": 1,}',
        "{1: 2}",
        "--1",
        '"1',
        "\ufeff1",
    ])("%j is no JSON", (text) => {
        expect(() => parseLossless(text)).toThrow(SyntaxError);
    });
});
