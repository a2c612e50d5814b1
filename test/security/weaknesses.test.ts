import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const rows = [
    ...readFileSync("docs/weaknesses.md", "utf8").matchAll(/^\| .+ \| `(.+)` \| (.+) \|$/gm),
].map(([, file = "", name = ""]) => ({ file, name }));

test("every test that is said to notice a weakness is there", () => {
    const missing = rows.filter(
        ({ file, name }) => !existsSync(file) || !readFileSync(file, "utf8").includes(name)
    );
    expect(missing).toEqual([]);
    expect(rows.length).toBeGreaterThan(30);
});
