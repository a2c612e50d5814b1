import { readFileSync } from "node:fs";
import { Glob } from "bun";
import { describe, expect, test } from "vitest";

type File = { path: string; text: string };

const filesIn = (pattern: string): File[] =>
    [...new Glob(pattern).scanSync(".")].map((path) => ({
        path,
        text: readFileSync(path, "utf8"),
    }));

const breaking = (files: readonly File[], pattern: RegExp): string[] =>
    files.filter(({ text }) => pattern.test(text)).map(({ path }) => path);

const house = filesIn("src/**/*.ts");
const outside = (folder: string) => house.filter(({ path }) => !path.startsWith(`src/${folder}`));
const canary = filesIn("test/architecture/canary/**/*.ts");

/** What an import graph does not show: each with the words it looks for, and who may say them. */
const rules = [
    {
        name: "the environment is read in config alone",
        words: /process\.env/,
        files: outside("infrastructure/config/"),
    },
    {
        name: "repositories never open a transaction",
        words: /\.transaction\(/,
        files: house.filter(({ path }) => /Repository\.ts$/.test(path)),
    },
    {
        name: "routes and jobs never open a transaction",
        words: /\.transaction\(/,
        files: house.filter(({ path }) => /^src\/(api|jobs)\//.test(path)),
    },
    {
        name: "a timer that matters is a row",
        words: /set(Timeout|Interval)\(|timers\/promises/,
        files: outside("infrastructure/"),
    },
    {
        name: "floats stay away from money",
        words: /parseFloat|Number\.parseFloat|\.toFixed\(/,
        files: house.filter(({ path }) => /^src\/(domain|orchestration)\//.test(path)),
    },
    {
        name: "nothing is left for later",
        words: /TODO|FIXME|as any\b|@ts-ignore|@ts-expect-error/,
        files: house,
    },
];

describe.each(rules)("$name", ({ words, files }) => {
    test("in our house", () => {
        expect(breaking(files, words)).toEqual([]);
        expect(files.length).toBeGreaterThan(5);
    });

    test("and the rule bites", () => {
        expect(breaking(canary, words)).not.toEqual([]);
    });
});

test("files are short", () => {
    const long = house.filter(({ text }) => text.split("\n").length > 300);
    expect(long.map(({ path }) => path)).toEqual([]);
});
