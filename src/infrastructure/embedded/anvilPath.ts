import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/**
 * The node's own binary, not the script that wraps it: that would survive a kill -9 of the script.
 * Looked for among our packages, then among those of `toolsFolder`.
 */
export function anvilPath(toolsFolder?: string): string {
    const name = packageName();
    const homes = toolsFolder ? [import.meta.url, join(toolsFolder, "-")] : [import.meta.url];
    for (const home of homes) {
        const path = binaryOf(name, home);
        if (path) return path;
    }
    throw new Error(
        `There is no local chain for this machine (${name} is not installed). ` +
            "Set RPC_URL to the node of a chain instead."
    );
}

function packageName(): string {
    const arch = process.arch === "x64" ? "amd64" : process.arch;
    return `@foundry-rs/anvil-${process.platform}-${arch}`;
}

function binaryOf(name: string, home: string): string | undefined {
    try {
        const folder = dirname(createRequire(home).resolve(`${name}/package.json`));
        const path = join(folder, "bin", process.platform === "win32" ? "anvil.exe" : "anvil");
        return existsSync(path) ? path : undefined;
    } catch {
        return undefined;
    }
}
