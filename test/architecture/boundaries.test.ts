import { cruise, type ICruiseResult } from "dependency-cruiser";
import extractTSConfig from "dependency-cruiser/config-utl/extract-ts-config";
import { expect, test } from "vitest";
import { boundaries, options } from "./boundaries";

/** `canary` is a small house that breaks every rule once: a rule that lets it pass would let us pass. */
async function cruiseHouse(directory: string) {
    const { output } = await cruise(
        [directory],
        { ...options, ruleSet: { forbidden: boundaries }, validate: true },
        {},
        { tsConfig: extractTSConfig("tsconfig.json") }
    );
    const { totalCruised, violations } = (output as ICruiseResult).summary;
    return { files: totalCruised, violations };
}

test("every rule bites", async () => {
    const { violations } = await cruiseHouse("test/architecture/canary/src");

    const broken = new Set(violations.map(({ rule }) => rule.name));
    expect([...broken].sort()).toEqual(boundaries.map(({ name }) => name).sort());
});

test("our house breaks none", async () => {
    const { violations, files } = await cruiseHouse("src");

    expect(violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`)).toEqual([]);
    expect(files).toBeGreaterThan(150);
});
