import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EmbeddedPostgres } from "@/infrastructure/embedded/EmbeddedPostgres";
import { freePort } from "@/infrastructure/embedded/freePort";
import { LocalChain } from "@/infrastructure/embedded/LocalChain";
import { testEnvironment } from "../../test/environment";

export type Stage = { databaseUrl: string; port: number; stop(): Promise<void> };

/** A durable PostgreSQL and a chain for one run of the measurements; this process is configured for them. */
export async function setStage(): Promise<Stage> {
    const folder = mkdtempSync(join(tmpdir(), "commend-bench-"));
    const postgres = await EmbeddedPostgres.start({ folder, isDurable: true });
    const chain = await LocalChain.start();
    await postgres.createDatabase("bench");
    const port = await freePort();
    const databaseUrl = postgres.url("bench");
    Object.assign(process.env, testEnvironment(databaseUrl, chain.url), {
        PORT: String(port),
        RATE_LIMITS: "auth=1e9,sdk=1e9,dashboard=1e9,wallet=1e9,webhooks=1e9".replaceAll(
            "1e9",
            "1000000000"
        ),
        LOG_LEVEL: "error",
    });
    const { migrate } = await import("@/infrastructure/persistence/migrate");
    await migrate(databaseUrl);
    const { prepareChain } = await import("../../scripts/development/prepareChain");
    await prepareChain(() => undefined);
    return {
        databaseUrl,
        port,
        async stop() {
            const { pool } = await import("@/infrastructure/persistence/postgres");
            await pool.end();
            await Promise.all([postgres.stop(), chain.stop()]);
            rmSync(folder, { recursive: true, force: true });
        },
    };
}

/** A process of its own, up when its port answers. */
export async function startProcess(
    script: string,
    port: number,
    environment: Record<string, string> = {}
): Promise<{ stop(): Promise<void>; process: ChildProcess }> {
    const child = spawn(process.execPath, [script], {
        env: { ...process.env, ...environment, PORT: String(port) },
        stdio: ["ignore", "inherit", "inherit"],
    });
    for (let attempt = 0; attempt < 200; attempt++) {
        const isUp = await fetch(`http://127.0.0.1:${port}/health`).then(
            () => true,
            () => false
        );
        if (isUp) break;
        await Bun.sleep(50);
    }
    return {
        process: child,
        async stop() {
            child.kill("SIGTERM");
            await once(child, "exit");
        },
    };
}
