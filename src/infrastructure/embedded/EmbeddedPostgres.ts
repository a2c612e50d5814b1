import { type ChildProcess, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { freePort } from "./freePort";
import { ordinaryUser } from "./ordinaryUser";
import { postgresBinaries } from "./postgresBinaries";
import { spawnTied } from "./spawnTied";

type Options = {
    folder: string;
    /** Off for tests: nothing survives a crash of the machine, and everything is faster. */
    isDurable: boolean;
    /** How long a server that was just killed may take to let go of the folder. */
    patienceMs?: number;
};

const user = "commend";
const settings = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    max_connections: "200",
    shared_buffers: "256MB",
    max_wal_size: "2GB",
};
const volatile = { fsync: "off", synchronous_commit: "off", full_page_writes: "off" };

/**
 * A real PostgreSQL server from npm's binaries, on a free loopback port with a password of its own. It ends
 * with the process that started it.
 */
export class EmbeddedPostgres {
    private constructor(
        private readonly server: ChildProcess,
        private readonly port: number,
        private readonly password: string
    ) {}

    static async start({
        folder,
        isDurable,
        patienceMs = 10_000,
    }: Options): Promise<EmbeddedPostgres> {
        const { initdb, postgres } = await postgresBinaries();
        const data = join(folder, "data");
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        const wrapper = ordinaryUser(folder);
        const passwordFile = join(folder, "password");
        if (!existsSync(join(data, "PG_VERSION"))) {
            rmSync(data, { recursive: true, force: true });
            writeFileSync(passwordFile, randomBytes(24).toString("base64url"), { mode: 0o600 });
            createCluster([...wrapper, initdb], data, passwordFile);
        }
        await untilReleased(data, patienceMs);

        const port = await freePort();
        const options = { ...settings, port, ...(isDurable ? {} : volatile) };
        const args = Object.entries(options).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
        const stdio = ["ignore", "ignore", "ignore"] as const;
        const server = spawnTied(postgres, ["-D", data, ...args], {
            signal: "INT",
            wrapper,
            stdio: [...stdio],
        });
        const embedded = new EmbeddedPostgres(server, port, readFileSync(passwordFile, "utf8"));
        await embedded.untilReady();
        return embedded;
    }

    url(database: string): string {
        return `postgres://${user}:${this.password}@127.0.0.1:${this.port}/${database}`;
    }

    /** Nothing when there is one already. */
    async createDatabase(name: string): Promise<void> {
        await this.execute(`create database "${name}"`).catch((error: { code?: string }) => {
            if (error.code !== "42P04") throw error;
        });
    }

    async execute(statement: string): Promise<void> {
        const client = new Client(this.url("postgres"));
        await client.connect();
        try {
            await client.query(statement);
        } finally {
            await client.end();
        }
    }

    async stop(): Promise<void> {
        if (this.server.exitCode !== null) return;
        this.server.kill("SIGINT");
        await once(this.server, "exit");
    }

    private async untilReady(): Promise<void> {
        for (let attempt = 0; ; attempt++) {
            if (this.server.exitCode !== null || attempt === 600) {
                throw new Error("The embedded PostgreSQL did not start");
            }
            const isUp = await this.execute("select 1").then(
                () => true,
                () => false
            );
            if (isUp) return;
            await sleep(50);
        }
    }
}

function createCluster(
    [command = "", ...prefix]: string[],
    data: string,
    passwordFile: string
): void {
    const { status, stderr } = spawnSync(
        command,
        [
            ...prefix,
            `--pgdata=${data}`,
            `--username=${user}`,
            `--pwfile=${passwordFile}`,
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--locale=C.UTF-8",
            "--no-sync",
        ],
        { encoding: "utf8" }
    );
    if (status !== 0) throw new Error(`initdb failed: ${stderr}`);
}

/** A server that was just killed still needs a moment to let go of its data folder. */
async function untilReleased(data: string, patienceMs: number): Promise<void> {
    const lock = join(data, "postmaster.pid");
    const giveUpAt = Date.now() + patienceMs;
    while (existsSync(lock) && isAlive(Number(readFileSync(lock, "utf8").split("\n")[0]))) {
        if (Date.now() > giveUpAt) throw inUse(data);
        await sleep(50);
    }
}

const inUse = (data: string) =>
    new Error(`Another Commend is running on ${data}. Stop it, or set DATA_DIR and PORT.`);

function isAlive(pid: number): boolean {
    try {
        process.kill(pid, 0);
        return true;
    } catch (error) {
        return (error as { code?: string }).code === "EPERM";
    }
}
