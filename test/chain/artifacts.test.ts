import { readFileSync } from "node:fs";
import { compilerInput } from "@contracts/compilerInput";
import { expect, test } from "vitest";

/**
 * Compiling takes long; that what was compiled is what is here takes a moment (`--check` does
 * both).
 */
test("the artifacts were compiled from the contracts that are here", () => {
    const path = new URL("../../contracts/artifacts/input.sha256", import.meta.url);
    expect(readFileSync(path, "utf8").trim()).toBe(compilerInput().sha256);
});
