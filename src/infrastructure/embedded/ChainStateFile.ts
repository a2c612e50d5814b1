import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { gunzipSync } from "node:zlib";

type Block = { header: { number: string }; transactions: unknown[] };
type ChainState = { best_block_number: number | string; blocks: Block[] };

/** `BLOCKHASH` looks this far back. */
const recentBlocks = 256;

/**
 * What is left of a chain when its node is not running. A node that ends in order writes all of it
 * (`exitPath`); for one that does not, the snapshots taken while it ran are here, whole or not at
 * all.
 */
export class ChainStateFile {
    readonly exitPath: string;
    /** What the node puts aside while it runs, and leaves behind. */
    readonly cachePath: string;
    private readonly pidPath: string;

    constructor(readonly path: string) {
        this.exitPath = `${path}.exit`;
        this.cachePath = `${path}.cache`;
        this.pidPath = `${path}.pid`;
    }

    /**
     * A node that lost us a moment ago may still be writing; one that is in use goes on for longer.
     */
    async waitForPreviousNode(patienceMs = 5_000): Promise<void> {
        const pid = existsSync(this.pidPath) ? readFileSync(this.pidPath, "utf8") : "";
        const deadline = Date.now() + patienceMs;
        while (pid && isNode(pid, this.exitPath)) {
            if (Date.now() > deadline) throw new Error(`${this.path} is in use by process ${pid}`);
            await setTimeout(20);
        }
    }

    /** Says whose it is. */
    claim(pid: number): void {
        writeFileSync(this.pidPath, String(pid));
    }

    /**
     * The path of the latest state that is whole, made ready for a node; nothing on the first
     * start.
     */
    prepare(): string | undefined {
        rmSync(this.cachePath, { recursive: true, force: true });
        const states = [read(this.exitPath), read(this.path)].filter(
            (state) => state !== undefined
        );
        const [latest] = states.sort((a, b) => headOf(b) - headOf(a));
        if (!latest) return undefined;

        this.write(JSON.stringify(withoutEmptyBlocks(latest)));
        rmSync(this.exitPath, { force: true });
        return this.path;
    }

    /** `dump` is the answer to `anvil_dumpState`. */
    save(dump: string): void {
        this.write(gunzipSync(Buffer.from(dump.slice(2), "hex")));
    }

    /** Under its name there is always a whole state, whenever the power goes. */
    private write(content: string | Buffer): void {
        const draft = `${this.path}.draft`;
        writeFileSync(draft, content, { flush: true });
        renameSync(draft, this.path);
    }
}

/** A number alone may by now be the process of somebody else. */
function isNode(pid: string, exitPath: string): boolean {
    try {
        if (!existsSync("/proc/self")) return process.kill(Number(pid), 0);
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(exitPath);
    } catch {
        return false;
    }
}

/** Nothing when the node was killed while it wrote. */
function read(path: string): ChainState | undefined {
    if (!existsSync(path)) return undefined;
    try {
        return JSON.parse(readFileSync(path, "utf8"));
    } catch {
        return undefined;
    }
}

function headOf({ best_block_number }: ChainState): number {
    return Number(best_block_number);
}

/**
 * A block a second, most of them empty: without this a week of development would weigh a gigabyte.
 */
function withoutEmptyBlocks(state: ChainState): ChainState {
    const oldest = headOf(state) - recentBlocks;
    const blocks = state.blocks.filter(({ header, transactions }) => {
        const number = Number(header.number);
        return transactions.length > 0 || number === 0 || number >= oldest;
    });
    return { ...state, blocks };
}
