import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { isAlive } from "../fixtures/isAlive";

const root = new URL("../..", import.meta.url).pathname;
const module = `${root}src/infrastructure/embedded/spawnTied.ts`;
/**
 * A child that leaves a mark when it is interrupted, and goes on when it is only asked to
 * terminate.
 */
const marking = (mark: string) =>
    `trap '' TERM; trap 'touch ${mark}; exit' INT; while :; do sleep 0.05; done`;
/** Those of the ways to become somebody else that this machine allows. */
const wrappers = [
    ["unshare", ["unshare", "--user", "--map-user=65534"]] as const,
    ["setpriv", ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]] as const,
].filter(([command, [, ...args]]) => spawnSync(command, [...args, "true"]).status === 0);

let folder: string;
let mark: string;
let parent: ChildProcess;
beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tied-"));
    chmodSync(folder, 0o777);
    mark = join(folder, "mark");
});
afterEach(() => {
    parent.kill("SIGKILL");
    rmSync(folder, { recursive: true });
});

/** A process of its own that starts a tied child, and says which it is. */
async function startFamily(
    options: object,
    rest = "setInterval(() => {}, 1000);"
): Promise<number> {
    const script = `
        const { spawnTied } = await import(${JSON.stringify(module)});
        const child = spawnTied("sh", ["-c", ${JSON.stringify(marking(mark))}], ${JSON.stringify(options)});
        console.log(child.pid);
        ${rest}`;
    parent = spawn(process.execPath, ["-e", script], {
        stdio: ["ignore", "pipe", "inherit"],
        cwd: root,
    });
    const [line] = await once(parent.stdout ?? parent, "data");
    return Number(line);
}

const gone = (pid: number) =>
    vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 3_000 });

describe("a tied process", () => {
    test("gets the signal when its parent is killed, and is gone", async () => {
        const pid = await startFamily({ signal: "INT" });
        expect(isAlive(pid)).toBe(true);

        parent.kill("SIGKILL");

        await gone(pid);
        expect(existsSync(mark)).toBe(true);
    });

    test.each(wrappers)("is tied even when %s runs it as somebody else", async (_, wrapper) => {
        const pid = await startFamily({ signal: "INT", wrapper });

        parent.kill("SIGKILL");

        await gone(pid);
        expect(existsSync(mark)).toBe(true);
    });

    test("gets the signal as well when its parent ends in order", async () => {
        const pid = await startFamily({ signal: "INT" }, "setTimeout(() => process.exit(0), 200);");

        await gone(pid);
        expect(existsSync(mark)).toBe(true);
    });

    test("lives as long as its parent does", async () => {
        const pid = await startFamily({ signal: "INT" });
        await new Promise((resolve) => setTimeout(resolve, 300));

        expect(isAlive(pid)).toBe(true);
    });
});
