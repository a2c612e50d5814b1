/** `npm run check`: format and lint, types, dead code. The walls of the house are tests (`test/architecture`). */
import { spawnSync } from "node:child_process";

const node = "node_modules";
const checks: [string, string[]][] = [
    ["biome", [`${node}/@biomejs/biome/bin/biome`, "check", "--error-on-warnings"]],
    ["tsc", [`${node}/typescript/bin/tsc`, "--noEmit"]],
    ["tsc (demo page)", [`${node}/typescript/bin/tsc`, "--noEmit", "-p", "src/api/demo/page"]],
    ["knip", ["--bun", `${node}/knip/bin/knip-bun.js`]],
];

for (const [name, args] of checks) {
    console.log(`check  ${name}`);
    const { status } = spawnSync(process.execPath, args, { stdio: "inherit" });
    if (status !== 0) process.exit(status ?? 1);
}
