import { describe, expect, test } from "vitest";
import { compileConditions } from "@/domain/campaign/services/conditions";
import type { Condition, ConditionNode } from "@/domain/campaign/services/definition";
import type { Scene } from "@/domain/campaign/services/fields";
import type { ConditionTrace } from "@/domain/campaign/services/trace";
import { asCurrency } from "@/utils/money";

const total = (op: Condition["op"], value: string, currency?: string): Condition => ({
    field: "purchase.total",
    op,
    value,
    ...(currency ? { currency } : {}),
});
const over = (value: string) => total("gt", value);

/** Of an order of 50.00, unless said otherwise: whether the conditions are met, and what was noted. */
function met(node: ConditionNode | undefined, amount = 5_000n, currency = "EUR") {
    const trace: ConditionTrace[] = [];
    const purchase = {
        total: amount,
        subtotal: amount,
        currency: asCurrency(currency),
        isTest: false,
    };
    const facts = { purchase, asset: { decimals: 6 } };
    return { isMet: compileConditions(node)({ facts } as unknown as Scene, trace), trace };
}

describe("a total of 50.00", () => {
    test.each<[Condition["op"], boolean[]]>([
        ["eq", [false, true, false]],
        ["neq", [true, false, true]],
        ["gt", [true, false, false]],
        ["gte", [true, true, false]],
        ["lt", [false, false, true]],
        ["lte", [false, true, true]],
    ])("is %s 49.99, 50.00, 50.01: %j", (op, expected) => {
        const values = ["49.99", "50.00", "50.01"];
        expect(values.map((value) => met(total(op, value)).isMet)).toEqual(expected);
    });

    test("is the same as 50 and 50.000", () => {
        expect([met(total("eq", "50")).isMet, met(total("eq", "50.000")).isMet]).toEqual([
            true,
            true,
        ]);
    });
});

describe("a currency", () => {
    test("that the condition names must be the order's: another has no value to compare", () => {
        expect(met(total("gte", "20", "EUR")).isMet).toBe(true);
        expect(met(total("gte", "20", "USD")).isMet).toBe(false);
        expect(met(total("neq", "20", "USD")).isMet).toBe(false);
    });

    test("that it does not name is the order's own, with its own decimals", () => {
        // 5000 minor units are 5000 ¥ and 5.000 dinars.
        expect(met(total("eq", "5000"), 5_000n, "JPY").isMet).toBe(true);
        expect(met(total("eq", "5"), 5_000n, "KWD").isMet).toBe(true);
        expect(met(total("eq", "5"), 5_000n, "KWD").trace).toMatchObject([
            { expected: "5 KWD", actual: "5.000 KWD" },
        ]);
    });
});

describe("a group", () => {
    const [yes, no] = [over("1"), over("100")];

    test.each<[string, ConditionNode, boolean]>([
        ["all of yes and yes", { all: [yes, yes] }, true],
        ["all of yes and no", { all: [yes, no] }, false],
        ["any of no and yes", { any: [no, yes] }, true],
        ["any of no and no", { any: [no, no] }, false],
        ["none of no and no", { none: [no, no] }, true],
        ["none of no and yes", { none: [no, yes] }, false],
        ["all of any and none", { all: [{ any: [no, yes] }, { none: [no] }] }, true],
        ["none of none of no", { none: [{ none: [no] }] }, false],
    ])("%s", (_, node, isMet) => {
        expect(met(node).isMet).toBe(isMet);
    });

    test("that is absent is met", () => {
        expect(met(undefined)).toEqual({ isMet: true, trace: [] });
    });

    test("looks at every condition and says where it stands, though the first decides", () => {
        const { trace } = met({ all: [no, { any: [yes, no, { none: [yes] }] }, yes] });
        expect(trace.map(({ path, met }) => [path, met])).toEqual([
            ["all[0]", false],
            ["all[1].any[0]", true],
            ["all[1].any[1]", false],
            ["all[1].any[2].none[0]", true],
            ["all[2]", true],
        ]);
    });
});
