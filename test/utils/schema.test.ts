import { type TSchema, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { describe, expect, test } from "vitest";
import { assertShape, oneOf, problemsOf } from "@/utils/schema";

const faultsOf = (schema: TSchema, value: unknown) =>
    problemsOf(Value.Errors(schema, value)).map(({ path, message }) => `${path}: ${message}`);

const Fixed = Type.Object({ fixed: Type.Object({ amount: Type.String() }) });
const Percent = Type.Object({
    percent: Type.Object({
        of: oneOf("total", "subtotal"),
        percent: Type.String(),
        max: Type.String(),
    }),
});
const Reward = Type.Object({
    to: oneOf("referrer", "referee"),
    amount: Type.Union([Fixed, Percent]),
});

describe("problemsOf", () => {
    test("names each field that is wrong, once", () => {
        const Tea = Type.Object({
            name: Type.String({ minLength: 3, pattern: "^[A-Z]" }),
            price: Type.String(),
            origin: Type.String(),
        });
        expect(faultsOf(Tea, { name: "t", price: 5 })).toEqual([
            "origin: Expected required property",
            "name: Expected string length greater or equal to 3",
            "price: Expected string",
        ]);
    });

    test("writes a path as people do", () => {
        const Order = Type.Object({ lines: Type.Array(Type.Object({ price: Type.String() })) });
        expect(faultsOf(Order, { lines: [{ price: "1" }, { price: 2 }] })).toEqual([
            "lines.1.price: Expected string",
        ]);
    });

    test("of a union names the faults of the member that came closest", () => {
        const amount = { percent: { of: "everything", percent: "5", max: 20 } };
        expect(faultsOf(Reward, { to: "referrer", amount })).toEqual([
            "amount.percent.of: Expected one of total, subtotal",
            "amount.percent.max: Expected string",
        ]);
        expect(faultsOf(Reward, { to: "referrer", amount: { fixed: { amount: 5 } } })).toEqual([
            "amount.fixed.amount: Expected string",
        ]);
    });

    test("of a union whose members are equally far off names the union", () => {
        expect(faultsOf(Reward, { to: "referrer", amount: "five" })).toEqual([
            "amount: Expected union value",
        ]);
    });

    test("of a list of words tells the words", () => {
        expect(faultsOf(Reward, { to: "everybody", amount: { fixed: { amount: "5" } } })).toEqual([
            "to: Expected one of referrer, referee",
        ]);
    });

    test("stops where nobody reads on, however many faults there are", () => {
        const Order = Type.Object({ lines: Type.Array(Reward) });
        const faults = faultsOf(Order, { lines: Array(100_000).fill({ to: "x", amount: "y" }) });
        expect(faults).toHaveLength(100);
    });

    test("adds what the schema says of itself", () => {
        const Price = Type.Object({
            price: Type.String({ pattern: "^\\d+$", description: "in cents" }),
        });
        expect(faultsOf(Price, { price: "5 €" })).toEqual([
            "price: Expected string to match '^\\d+$' (in cents)",
        ]);
    });
});

describe("assertShape", () => {
    test("lets pass what has the form", () => {
        expect(() =>
            assertShape(Reward, { to: "referee", amount: { fixed: { amount: "2.00" } } })
        ).not.toThrow();
    });

    test("refuses the rest with every field, under the name it is known by", () => {
        expect(() => assertShape(Reward, { to: 1 }, "definition.rewards.0")).toThrow(
            expect.objectContaining({
                code: "INVALID_REQUEST",
                kind: "invalid",
                details: [
                    expect.objectContaining({ path: "definition.rewards.0.amount" }),
                    expect.objectContaining({ path: "definition.rewards.0.to" }),
                ],
            })
        );
        expect(() => assertShape(Reward, "tea", "definition")).toThrow(
            expect.objectContaining({
                details: [{ path: "definition", message: "Expected object" }],
            })
        );
    });
});
