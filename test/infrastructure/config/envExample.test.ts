import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Environment } from "@/infrastructure/config/schema";
import { envExample } from "../../../scripts/writeEnvExample";

const root = new URL("../../..", import.meta.url).pathname;

test(".env.example is what the schema says: else run `bun scripts/writeEnvExample.ts`", () => {
    expect(readFileSync(`${root}.env.example`, "utf8")).toBe(envExample());
});

test("it names every variable, with its description and its default", () => {
    const text = envExample();
    for (const [name, { description, default: standard = "" }] of Object.entries(
        Environment.properties
    )) {
        expect(text).toContain(`# ${description}`);
        expect(text).toMatch(new RegExp(`^(# )?${name}=${standard}$`, "m"));
    }
});

test("what must be set stands there empty, and nothing there is a secret of ours", () => {
    const set = envExample()
        .split("\n")
        .filter((line) => /^[A-Z_]+=/.test(line));
    expect(set.length).toBeGreaterThan(10);
    expect(set.filter((line) => !line.endsWith("="))).toEqual([]);
});
