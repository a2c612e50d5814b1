import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { version } from "solc/package.json";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folders = ["contracts/src", "contracts/test"];

/**
 * Nothing of the machine goes in, and no hash of the sources comes out: the same bytes everywhere.
 */
const settings = {
    evmVersion: "cancun",
    viaIR: true,
    optimizer: { enabled: true, runs: 10_000 },
    metadata: { bytecodeHash: "none", appendCBOR: false },
    outputSelection: { "*": { "*": ["abi", "evm.bytecode.object"] } },
};

/**
 * All that the compiler is given, every import included, and a hash of it: what artifacts depend
 * on.
 */
export function compilerInput(): { json: string; sha256: string } {
    const sources: Record<string, { content: string }> = {};
    const waiting = folders.flatMap(solidityFilesOf);
    for (let path = waiting.pop(); path; path = waiting.pop()) {
        if (sources[path]) continue;
        const content = readFileSync(fileOf(path), "utf8");
        sources[path] = { content };
        waiting.push(...importsOf(path, content));
    }

    const json = JSON.stringify({ language: "Solidity", sources: sorted(sources), settings });
    const sha256 = createHash("sha256").update(`solc ${version}\n${json}`).digest("hex");
    return { json, sha256 };
}

function solidityFilesOf(folder: string): string[] {
    const files = readdirSync(join(root, folder)).filter((name) => name.endsWith(".sol"));
    return files.map((name) => `${folder}/${name}`);
}

function fileOf(path: string): string {
    return path.startsWith("contracts/") ? join(root, path) : join(root, "node_modules", path);
}

/** An import that this overlooks is one that the compiler does not find, and complains about. */
function importsOf(path: string, content: string): string[] {
    const imports = content.matchAll(/^import\s[^"']*["']([^"']+)["'];/gm);
    return [...imports].map(([, target = ""]) =>
        target.startsWith(".") ? posix.join(posix.dirname(path), target) : target
    );
}

function sorted<T>(record: Record<string, T>): Record<string, T> {
    return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
