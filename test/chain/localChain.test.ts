import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
    existsSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Hash } from "viem";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { anvilPath } from "@/infrastructure/embedded/anvilPath";
import { ChainStateFile } from "@/infrastructure/embedded/ChainStateFile";
import { LocalChain, type LocalChainOptions } from "@/infrastructure/embedded/LocalChain";
import { isAlive } from "../fixtures/isAlive";
import { chainClient, cleosWallet, people } from "../fixtures/teaChain";

const root = new URL("../..", import.meta.url).pathname;
let folder: string;
let stateFile: string;
const running: LocalChain[] = [];
beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "chain-"));
    stateFile = join(folder, "data", "chain.json");
});
afterEach(async () => {
    for (const chain of running.splice(0)) await chain.stop();
    rmSync(folder, { recursive: true });
});

async function start(options: LocalChainOptions = {}): Promise<LocalChain> {
    const chain = await LocalChain.start(options);
    running.push(chain);
    return chain;
}

async function pay({ url }: { url: string }): Promise<Hash> {
    const client = chainClient(url);
    const hash = await client.sendTransaction({ account: people.zoe, to: cleosWallet, value: 1n });
    await vi.waitFor(() => client.getTransactionReceipt({ hash }), {
        timeout: 3_000,
        interval: 10,
    });
    return hash;
}

const statusOf = async ({ url }: { url: string }, hash: Hash) =>
    (await chainClient(url).getTransactionReceipt({ hash })).status;
const headOf = ({ url }: { url: string }) => chainClient(url).getBlockNumber();
const nodePid = () => Number(readFileSync(`${stateFile}.pid`, "utf8"));
const savedBlocks = () => JSON.parse(readFileSync(stateFile, "utf8")).blocks.length;
const untilSaved = () =>
    vi.waitFor(() => expect(existsSync(stateFile)).toBe(true), { timeout: 5_000, interval: 20 });

describe("a local chain", () => {
    test("answers, on a port that was free, under its chain id", async () => {
        const [one, other] = [await start(), await start({ chainId: 1337 })];

        expect(one.url).not.toBe(other.url);
        expect(await chainClient(one.url).getChainId()).toBe(31_337);
        expect(await chainClient(other.url).getChainId()).toBe(1337);
    });

    test("listens where it was told to, and says so when that is taken", async () => {
        const first = await start();
        const port = Number(new URL(first.url).port);

        await expect(LocalChain.start({ port })).rejects.toThrow(/did not start.*in use/is);
        await first.stop();
        expect((await start({ port })).url).toBe(first.url);
    });

    test("goes on by itself, a block a second", async () => {
        const chain = await start();
        await vi.waitFor(async () => expect(await headOf(chain)).toBeGreaterThan(0n), {
            timeout: 3_000,
        });
    });

    test("can be stopped twice, and is not there any more", async () => {
        const chain = await start();
        await chain.stop();
        await chain.stop();

        await expect(headOf(chain)).rejects.toThrow();
    });

    test("can take blocks back, as a real one does", async () => {
        const chain = await start();
        const hash = await pay(chain);
        const { request } = chainClient(chain.url);
        await request({ method: "anvil_reorg", params: [1, []] } as never);

        await expect(statusOf(chain, hash)).rejects.toThrow("could not be found");
    });

    test("has no past when it was told to forget it", async () => {
        const chain = await start({ forgetsPast: true });
        await pay(chain);
        const past = chainClient(chain.url).getBalance({ address: cleosWallet, blockNumber: 0n });

        await expect(past).rejects.toThrow("BlockOutOfRange");
    });

    test("puts little aside, and beside its file, however many blocks there are", async () => {
        const chain = await start({ stateFile });
        for (let mined = 0; mined < 2_100; mined += 100) {
            await chainClient(chain.url).mine({ blocks: 100 });
        }

        const aside = readdirSync(`${stateFile}.cache`, { recursive: true });
        expect(aside.length).toBeLessThanOrEqual(2);
        await chain.stop();
        await start({ stateFile });
        expect(existsSync(`${stateFile}.cache`)).toBe(false);
    }, 60_000);

    test("forgets everything when it has no file", async () => {
        const chain = await start();
        const hash = await pay(chain);
        await chain.stop();

        await expect(statusOf(await start(), hash)).rejects.toThrow();
    });
});

describe("its state", () => {
    test("is there again after an orderly stop", async () => {
        const chain = await start({ stateFile });
        const hash = await pay(chain);
        const head = await headOf(chain);
        await chain.stop();

        const again = await start({ stateFile });
        expect(await statusOf(again, hash)).toBe("success");
        expect(await headOf(again)).toBeGreaterThanOrEqual(head);
        expect(await chainClient(again.url).getBalance({ address: cleosWallet })).toBe(1n);
        await pay(again);
    });

    test("survives kill -9 of the node, up to a second before it", async () => {
        const chain = await start({ stateFile });
        const hash = await pay(chain);
        await untilSaved();

        process.kill(nodePid(), "SIGKILL");
        await chain.stop();

        expect(existsSync(`${stateFile}.exit`)).toBe(false);
        expect(await statusOf(await start({ stateFile }), hash)).toBe("success");
    });

    test("is taken from the last whole snapshot when the node was killed while it wrote", async () => {
        const chain = await start({ stateFile });
        const hash = await pay(chain);
        await untilSaved();
        await chain.stop();
        const whole = readFileSync(`${stateFile}.exit`, "utf8");
        writeFileSync(`${stateFile}.exit`, whole.slice(0, whole.length / 2));

        expect(await statusOf(await start({ stateFile }), hash)).toBe("success");
    });

    test("is what the node wrote at its end rather than an older snapshot", async () => {
        const chain = await start({ stateFile });
        await pay(chain);
        await untilSaved();
        const late = await pay(chain);
        await chain.stop();

        expect(await statusOf(await start({ stateFile }), late)).toBe("success");
    });

    test("keeps no empty blocks but the last 256, and its height", async () => {
        const chain = await start({ stateFile });
        const hash = await pay(chain);
        await chainClient(chain.url).mine({ blocks: 400 });
        const head = await headOf(chain);
        await chain.stop();

        const again = await start({ stateFile });
        expect(savedBlocks()).toBeLessThan(265);
        expect(await headOf(again)).toBeGreaterThanOrEqual(head);
        expect(await statusOf(again, hash)).toBe("success");
        await pay(again);
    });

    test("is not saved again and again while nothing happens", async () => {
        const chain = await start({ stateFile });
        await chainClient(chain.url).mine({ blocks: 3 });
        await new Promise((resolve) => setTimeout(resolve, 1_300));

        expect(existsSync(stateFile)).toBe(false);
    });

    test("is used by one node at a time", async () => {
        await start({ stateFile });

        const other = new ChainStateFile(stateFile).waitForPreviousNode(100);
        await expect(other).rejects.toThrow(`${stateFile} is in use by process ${nodePid()}`);
    });

    test("is read once the node before has written it, however long that takes", async () => {
        mkdirSync(join(folder, "data"));
        const state = new ChainStateFile(stateFile);
        const before = spawn("sh", ["-c", "echo; sleep 0.4; true", "sh", state.exitPath]);
        await once(before.stdout, "data");
        state.claim(before.pid ?? 0);

        await start({ stateFile });

        expect(isAlive(before.pid ?? 0)).toBe(false);
    });

    test("is not held by a number that is now another process", async () => {
        mkdirSync(join(folder, "data"));
        const state = new ChainStateFile(stateFile);
        state.claim(process.pid);

        await expect(state.waitForPreviousNode(100)).resolves.toBeUndefined();
    });
});

describe("when its parent is killed", () => {
    async function startParent(): Promise<{ parent: ChildProcess; url: string }> {
        const module = `${root}src/infrastructure/embedded/LocalChain.ts`;
        const script = `
            const { LocalChain } = await import(${JSON.stringify(module)});
            console.log((await LocalChain.start({ stateFile: ${JSON.stringify(stateFile)} })).url);`;
        const stdio = ["ignore", "pipe", "inherit"] as const;
        const parent = spawn(process.execPath, ["-e", script], { stdio: [...stdio], cwd: root });
        const [line] = await once(parent.stdout ?? parent, "data");
        return { parent, url: String(line).trim() };
    }

    test.each(["SIGKILL", "SIGTERM"] as const)(
        "(%s) the node ends, and nothing is lost: the next one waits for it",
        async (signal) => {
            const { parent, url } = await startParent();
            const pid = nodePid();
            const hash = await pay({ url });

            parent.kill(signal);

            const next = await start({ stateFile });
            expect(isAlive(pid)).toBe(false);
            expect(await statusOf(next, hash)).toBe("success");
        }
    );
});

describe("on a machine that has no such node", () => {
    const { arch } = process;
    beforeEach(() => {
        Object.defineProperty(process, "arch", { value: "riscv64" });
    });
    afterEach(() => {
        Object.defineProperty(process, "arch", { value: arch });
    });

    test("it says what is missing, and what to set instead", async () => {
        await expect(LocalChain.start()).rejects.toThrow(
            /@foundry-rs\/anvil-\w+-riscv64.*RPC_URL/s
        );
    });

    test("it is looked for among the tools that were installed apart", () => {
        const home = join(
            folder,
            "node_modules",
            "@foundry-rs",
            `anvil-${process.platform}-riscv64`
        );
        mkdirSync(join(home, "bin"), { recursive: true });
        writeFileSync(join(home, "package.json"), "{}");
        writeFileSync(join(home, "bin", "anvil"), "");

        expect(anvilPath(folder)).toContain(join("anvil-linux-riscv64", "bin", "anvil"));
    });
});
