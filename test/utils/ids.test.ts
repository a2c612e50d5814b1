import { expect, test } from "vitest";
import { isUuid, newId } from "@/utils/ids";

test("an id is a UUID of version 7, and no two are equal", () => {
    const ids = Array.from({ length: 10_000 }, () => newId());
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !isUuid(id) || id[14] !== "7")).toEqual([]);
});

test("ids sort by the time of their making", () => {
    const ids = Array.from({ length: 100 }, () => newId());
    expect(ids).toEqual(ids.toSorted());
});

test.each([
    ["nothing", ""],
    ["words", "tea"],
    ["one digit too few", "01a1fdb1-2fe4-7320-99e2-00225ae63f1"],
    ["one too many", "01a1fdb1-2fe4-7320-99e2-00225ae63f1aa"],
    ["a urn", "urn:uuid:01a1fdb1-2fe4-7320-99e2-00225ae63f1a"],
    ["braces", "{01a1fdb1-2fe4-7320-99e2-00225ae63f1a}"],
    ["no hyphens", "01a1fdb12fe4732099e200225ae63f1a"],
    ["a line break after it", "01a1fdb1-2fe4-7320-99e2-00225ae63f1a\n"],
    ["a version that is none", "01a1fdb1-2fe4-0320-99e2-00225ae63f1a"],
])("%s is no UUID", (_, text) => {
    expect(isUuid(text)).toBe(false);
});

test("a UUID may be in any case", () => {
    const id = newId();
    expect([isUuid(id), isUuid(id.toUpperCase())]).toEqual([true, true]);
});
