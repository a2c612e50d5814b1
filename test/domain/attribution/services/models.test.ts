import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { attributionModels, sharesOf } from "@/domain/attribution/services/models";
import { type Fraction, fractionText, plus, whole } from "@/utils/fraction";
import { days, later } from "@/utils/time";

const noon = new Date("2026-11-21T12:00:00.000Z");
const rule = { codeBeatsLink: true, halfLifeDays: 7, at: noon } as const;
const touches = fc.array(
    fc.record({
        source: fc.constantFrom("referral", "code", "paid", "organic", "direct"),
        referrerGroupId: fc.option(fc.constantFrom("Ben", "Zoe"), { nil: undefined }),
        occurredAt: fc.nat(days(365)).map((age) => later(noon, -age)),
    }),
    { minLength: 1, maxLength: 12 }
);
const inOrder = (all: { occurredAt: Date }[]) =>
    all.sort((a, b) => a.occurredAt.getTime() - b.occurredAt.getTime());
const sum = (shares: readonly Fraction[]) => shares.reduce(plus, whole(0n));

describe("shares", () => {
    test("of any arrivals under any model sum to exactly 1", () => {
        fc.assert(
            fc.property(
                touches,
                fc.record({
                    model: fc.constantFrom(...attributionModels),
                    halfLifeDays: fc.integer({ min: 1, max: 365 }),
                    codeBeatsLink: fc.boolean(),
                }),
                (all, chosen) => {
                    inOrder(all);
                    const shares = sharesOf(all, { ...chosen, at: noon });
                    expect(shares).toHaveLength(all.length);
                    expect(fractionText(sum(shares))).toBe("1");
                    expect(shares.every(({ numerator }) => numerator >= 0n)).toBe(true);
                }
            ),
            { numRuns: 10_000 }
        );
    }, 60_000);

    test("of nothing are none", () => {
        for (const model of attributionModels) expect(sharesOf([], { ...rule, model })).toEqual([]);
    });

    test("by half-life are half after one and a quarter after two", () => {
        const at = (age: number) => ({
            source: "referral",
            referrerGroupId: "Ben",
            occurredAt: later(noon, -days(age)),
        });
        const shares = sharesOf([at(14), at(7), at(0)], { ...rule, model: "timeDecay" });
        expect(shares.map(fractionText)).toEqual(["1/7", "2/7", "4/7"]);
    });
});
