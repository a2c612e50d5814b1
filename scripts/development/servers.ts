import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { developmentEnvironment } from "./environment";
import { startChain } from "./startChain";
import { startDatabase } from "./startDatabase";

type Servers = { pid: number; DATABASE_URL: string; RPC_URL: string };

const fileIn = (folder: string): string => join(folder, "servers.json");

/** Starts what is not given, and leaves word of it for commands in other terminals. */
export async function startServers(folder: string, step: (text: string) => void): Promise<void> {
    step("starting PostgreSQL");
    process.env["DATABASE_URL"] ||= await startDatabase(join(folder, "postgres"));
    step("starting the local chain");
    process.env["RPC_URL"] ||= await startChain(join(folder, "chain"));
    const { DATABASE_URL = "", RPC_URL = "" } = process.env;
    const servers: Servers = { pid: process.pid, DATABASE_URL, RPC_URL };
    writeFileSync(fileIn(folder), JSON.stringify(servers), { mode: 0o600 });
}

/** For a command beside `npm run dev`, or after it: what it needs is what runs there, or is started for it. */
export async function joinDevelopment(folder: string): Promise<void> {
    const running = runningIn(folder);
    process.env = { ...process.env, ...developmentEnvironment(folder), ...running };
    if (!running) await startServers(folder, () => undefined);
}

function runningIn(folder: string): Omit<Servers, "pid"> | undefined {
    if (!existsSync(fileIn(folder))) return undefined;
    const { pid, ...urls } = JSON.parse(readFileSync(fileIn(folder), "utf8")) as Servers;
    return isAlive(pid) ? urls : undefined;
}

function isAlive(pid: number): boolean {
    try {
        return process.kill(pid, 0);
    } catch {
        return false;
    }
}
