import { expect, test } from "vitest";
import { remembered } from "@/utils/remembered";

test("the last answer is remembered, and no other", () => {
    const asked: number[] = [];
    const doubled = remembered((number: number) => {
        asked.push(number);
        return number * 2;
    });
    expect([2, 2, 3, 2].map(doubled)).toEqual([4, 4, 6, 4]);
    expect(asked).toEqual([2, 3, 2]);
});
