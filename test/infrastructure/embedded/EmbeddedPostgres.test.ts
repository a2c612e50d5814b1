import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { EmbeddedPostgres } from "@/infrastructure/embedded/EmbeddedPostgres";
import { isAlive } from "../../fixtures/isAlive";

const root = new URL("../../..", import.meta.url).pathname;
const patience = 60_000;
let folder: string;
const running: EmbeddedPostgres[] = [];
beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "commend-postgres-"));
});
afterEach(async () => {
    for (const server of running.splice(0)) await server.stop();
    rmSync(folder, { recursive: true });
});

async function start(): Promise<EmbeddedPostgres> {
    const server = await EmbeddedPostgres.start({ folder, isDurable: true });
    running.push(server);
    return server;
}

async function ask(server: Pick<EmbeddedPostgres, "url">, statement: string): Promise<unknown[]> {
    const client = new Client(server.url("tea"));
    client.on("error", () => undefined);
    await client.connect();
    try {
        return (await client.query(statement)).rows;
    } finally {
        await client.end();
    }
}

const serverPid = () =>
    Number(readFileSync(join(folder, "data", "postmaster.pid"), "utf8").split("\n")[0]);

describe("an embedded PostgreSQL", { timeout: patience }, () => {
    test("keeps its data when it is started again", async () => {
        const first = await start();
        await first.createDatabase("tea");
        await first.createDatabase("tea");
        await ask(first, "create table cups as select 'sencha' as name");
        await first.stop();
        await expect(ask(first, "select 1")).rejects.toThrow();

        const second = await start();
        expect(await ask(second, "select name from cups")).toEqual([{ name: "sencha" }]);
        expect(await ask(second, "show fsync")).toEqual([{ fsync: "on" }]);
    });

    test("lets in nobody without its password, and nobody from elsewhere", async () => {
        const server = await start();
        const stranger = new Client(server.url("postgres").replace(/:[^:@]+@/, ":guess@"));
        await expect(stranger.connect()).rejects.toThrow(/password authentication failed/);
        expect(statSync(join(folder, "password")).mode & 0o077).toBe(0);

        await server.createDatabase("tea");
        const addresses = await ask(server, "show listen_addresses");
        expect(addresses).toEqual([{ listen_addresses: "127.0.0.1" }]);
    });

    test("can be stopped twice", async () => {
        const server = await start();
        await server.stop();
        await server.stop();
    });

    test("is refused a folder that another one is using, with advice, and harms neither", async () => {
        const first = await start();
        await first.createDatabase("tea");
        const second = EmbeddedPostgres.start({ folder, isDurable: true, patienceMs: 100 });
        await expect(second).rejects.toThrow(
            /Another Commend is running on .*data\. Stop it, or set DATA_DIR and PORT/
        );
        expect(await ask(first, "select 1 as one")).toEqual([{ one: 1 }]);
    });
});

describe("one whose parent is killed", { timeout: patience }, () => {
    test("ends with it, keeps what was committed, and gives its folder back", async () => {
        const script = `
            const { EmbeddedPostgres } = await import("./src/infrastructure/embedded/EmbeddedPostgres.ts");
            const server = await EmbeddedPostgres.start({ folder: ${JSON.stringify(folder)}, isDurable: true });
            await server.createDatabase("tea");
            console.log(server.url("tea"));
            setInterval(() => {}, 1000);`;
        const parent = spawn(process.execPath, ["-e", script], {
            cwd: root,
            stdio: ["ignore", "pipe", "inherit"],
        });
        const [line] = await once(parent.stdout, "data");
        const url = String(line).trim();
        await ask({ url: () => url }, "create table cups as select 'assam' as name");
        const pid = serverPid();
        expect(isAlive(pid)).toBe(true);

        parent.kill("SIGKILL");

        await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 10_000 });
        expect(await ask(await start(), "select name from cups")).toEqual([{ name: "assam" }]);
    });
});
