import { mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { EmbeddedPostgres } from "@/infrastructure/embedded/EmbeddedPostgres";
import { LocalChain } from "@/infrastructure/embedded/LocalChain";
import { testEnvironment } from "./environment";

declare module "vitest" {
    export interface ProvidedContext {
        databaseUrl: string;
        rpcUrl: string;
    }
}

export const templateDatabase = "template";
const gibibyte = 2 ** 30;

let stop: (() => Promise<void>) | undefined;

/** A real PostgreSQL in memory with a migrated database to copy, and a real chain, for all test files. */
export async function setup(project: TestProject) {
    const folder = mkdtempSync(join(memoryOrTemporary(), "commend-test-"));
    const postgres = await EmbeddedPostgres.start({ folder, isDurable: false });
    const chain = await LocalChain.start();
    await postgres.createDatabase(templateDatabase);

    Object.assign(process.env, testEnvironment(postgres.url(templateDatabase), chain.url));
    const { migrate } = await import("@/infrastructure/persistence/migrate");
    await migrate(postgres.url(templateDatabase));

    project.provide("databaseUrl", postgres.url("postgres"));
    project.provide("rpcUrl", chain.url);
    stop = async () => {
        await Promise.all([postgres.stop(), chain.stop()]);
        rmSync(folder, { recursive: true, force: true });
    };
}

export async function teardown() {
    await stop?.();
}

/** Containers often have next to no shared memory. */
function memoryOrTemporary(): string {
    try {
        const { bavail, bsize } = statfsSync("/dev/shm");
        return bavail * bsize > gibibyte ? "/dev/shm" : tmpdir();
    } catch {
        return tmpdir();
    }
}
