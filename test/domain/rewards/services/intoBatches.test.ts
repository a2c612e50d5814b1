import fc from "fast-check";
import type { Address } from "viem";
import { describe, expect, test } from "vitest";
import { intoBatches } from "@/domain/rewards/services/intoBatches";

const [adas, zoes] = ["a", "f"].map((letter) => `0x${letter.repeat(40)}`) as [Address, Address];
const token: Address = `0x${"1".repeat(40)}`;
const from = (bank: Address, id: number) => ({ id, bank, token });

/** A group costs three places, a payment one. */
const fitsInto = (places: number) => (groups: number, payments: number) =>
    groups * 3 + payments <= places;
const idsOf = (batches: { id: number }[][]) => batches.map((batch) => batch.map(({ id }) => id));

describe("batches", () => {
    test("are as few as it takes", () => {
        const payments = [1, 2, 3, 4, 5].map((id) => from(adas, id));
        expect(idsOf(intoBatches(payments, fitsInto(100)))).toEqual([[1, 2, 3, 4, 5]]);
        // 3 for the group leave 2 places for payments.
        expect(idsOf(intoBatches(payments, fitsInto(5)))).toEqual([[1, 2], [3, 4], [5]]);
    });

    test("count a bank once, and each of its tokens", () => {
        const mixed = [
            from(adas, 1),
            from(adas, 2),
            from(zoes, 3),
            { ...from(zoes, 4), token: adas },
        ];
        // 2 groups and 3 payments are 9; the other token of Zoe's bank would be a third group.
        expect(idsOf(intoBatches(mixed, fitsInto(9)))).toEqual([[1, 2, 3], [4]]);
    });

    test("of nothing are none", () => {
        expect(intoBatches([], fitsInto(9))).toEqual([]);
    });

    test("take even what fits into none, alone: the chain will say so", () => {
        expect(idsOf(intoBatches([from(adas, 1), from(adas, 2)], () => false))).toEqual([[1], [2]]);
    });

    test("lose nothing, keep the order, and all fit", () => {
        const banks = fc.constantFrom(adas, zoes, token);
        const payments = fc
            .array(banks, { maxLength: 60 })
            .map((all) => all.map((bank, id) => from(bank, id)));
        fc.assert(
            fc.property(payments, fc.integer({ min: 4, max: 30 }), (all, places) => {
                const batches = intoBatches(all, fitsInto(places));
                expect(batches.flat()).toEqual(all);
                for (const batch of batches) {
                    const groups = new Set(batch.map(({ bank }) => bank)).size;
                    expect(groups * 3 + batch.length).toBeLessThanOrEqual(places);
                }
            })
        );
    });
});
