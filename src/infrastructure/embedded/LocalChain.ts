import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { createTestClient, http, publicActions } from "viem";
import { anvilPath } from "./anvilPath";
import { ChainStateFile } from "./ChainStateFile";
import { spawnTied } from "./spawnTied";

export type LocalChainOptions = {
    /** Any free one by default. */
    port?: number;
    chainId?: number;
    /** Where the chain is kept while it does not run; by default it is forgotten. */
    stateFile?: string;
    /** As anvil names them (`osaka`, `prague`); its latest by default. */
    hardfork?: string;
    /**
     * For load: no state but the last is kept, which saves time and memory. There are no reorgs
     * then, and anvil refuses what it is asked of the latest block in the moment in which the next
     * one comes.
     */
    forgetsPast?: boolean;
    /** A folder with packages of its own, for when the chain's are not among ours. */
    toolsFolder?: string;
};

const startMs = 30_000;
const stopMs = 10_000;
const snapshotMs = 1_000;

/** A chain of one node on this machine. It ends when we end, however that happens. */
export class LocalChain {
    private readonly client;
    private readonly ending = new AbortController();
    private readonly keeping: Promise<void>;
    private savedBlock = 0n;

    private constructor(
        private readonly node: ChildProcess,
        readonly url: string,
        state: ChainStateFile | undefined
    ) {
        const transport = http(url, { retryCount: 0 });
        this.client = createTestClient({ mode: "anvil", transport, cacheTime: 0 }).extend(
            publicActions
        );
        this.keeping = state ? this.keep(state) : Promise.resolve();
    }

    /** Resolves once it answers. */
    static async start(options: LocalChainOptions = {}): Promise<LocalChain> {
        const state = options.stateFile ? await stateAt(options.stateFile) : undefined;
        const args = [...argumentsOf(options), ...(state ? stateArgumentsOf(state) : [])];
        const node = spawnTied(anvilPath(options.toolsFolder), args, {
            signal: "TERM",
            stdio: ["ignore", "pipe", "pipe"],
        });
        if (node.pid) state?.claim(node.pid);
        return new LocalChain(node, await listening(node), state);
    }

    /** Resolves once the node is gone, its state written. */
    async stop(): Promise<void> {
        this.ending.abort();
        await this.keeping;
        if (this.node.exitCode !== null || this.node.signalCode !== null) return;

        const gone = once(this.node, "exit");
        this.node.kill("SIGTERM");
        const patience = setTimeout(() => this.node.kill("SIGKILL"), stopMs);
        await gone;
        clearTimeout(patience);
    }

    /** The node saves itself when it ends in order; this is for when it does not. */
    private async keep(state: ChainStateFile): Promise<void> {
        let pauseMs = snapshotMs;
        while (await this.stillRunsAfter(pauseMs)) {
            const began = Date.now();
            // What was saved before is still there, and the next time may go better.
            await this.save(state).catch(() => undefined);
            pauseMs = Math.max(snapshotMs, 10 * (Date.now() - began));
        }
    }

    private stillRunsAfter(ms: number): Promise<boolean> {
        const options = { signal: this.ending.signal, ref: false };
        return wait(ms, true, options).catch(() => false);
    }

    private async save(state: ChainStateFile): Promise<void> {
        const head = await this.client.getBlockNumber();
        if (await this.isQuietUntil(head)) return;
        state.save(await this.client.dumpState());
        this.savedBlock = head;
    }

    private async isQuietUntil(head: bigint): Promise<boolean> {
        while (this.savedBlock < head) {
            const blockNumber = this.savedBlock + 1n;
            if (await this.client.getBlockTransactionCount({ blockNumber })) return false;
            this.savedBlock = blockNumber;
        }
        return true;
    }
}

async function stateAt(path: string): Promise<ChainStateFile> {
    mkdirSync(dirname(path), { recursive: true });
    const state = new ChainStateFile(path);
    await state.waitForPreviousNode();
    return state;
}

/** A block with every transaction and one every second: without the latter some are never mined. */
function argumentsOf(options: LocalChainOptions): string[] {
    const { port = 0, chainId = 31_337, hardfork, forgetsPast = false } = options;
    return [
        ...["--port", String(port), "--chain-id", String(chainId)],
        ...["--block-time", "1", "--mixed-mining"],
        ...(hardfork ? ["--hardfork", hardfork] : []),
        // By default it writes thousands of states, gigabytes, to the home folder.
        ...(forgetsPast ? ["--prune-history"] : ["--max-persisted-states", "1"]),
    ];
}

function stateArgumentsOf(state: ChainStateFile): string[] {
    const saved = state.prepare();
    const files = ["--dump-state", state.exitPath, "--cache-path", state.cachePath];
    return saved ? [...files, "--load-state", saved] : files;
}

/**
 * Its address, once it says so. What it says afterwards is read by nobody, but must not pile up.
 */
async function listening(node: ChildProcess): Promise<string> {
    let said = "";
    const address = new Promise<string>((resolve, reject) => {
        const fail = () => reject(new Error(`The local chain did not start:\n${said}`));
        const hear = (words: Buffer) => {
            said += words;
            const found = /Listening on (\S+)/.exec(said)?.[1];
            if (found) resolve(`http://${found}`);
        };
        node.stdout?.on("data", hear);
        node.stderr?.on("data", hear);
        node.once("error", reject).once("exit", fail);
        AbortSignal.timeout(startMs).addEventListener("abort", fail);
    });
    try {
        return await address;
    } catch (error) {
        node.kill("SIGKILL");
        throw error;
    } finally {
        node.stdout?.removeAllListeners("data").resume();
        node.stderr?.removeAllListeners("data").resume();
    }
}
