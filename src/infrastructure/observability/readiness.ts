import { sql } from "drizzle-orm";
import { BaseError } from "viem";
import { publicClient } from "../blockchain/client";
import { config } from "../config";
import { database } from "../persistence/postgres";

export type Check = { ok: boolean; message?: string };

/** Whether what every request may need is there. */
export async function checkReadiness(): Promise<Record<string, Check>> {
    const [postgres, migrations, chain] = await Promise.all([
        check(() => database.rows(sql`select 1`)),
        check(() => database.rows(sql`select 1 from drizzle.__drizzle_migrations limit 1`)),
        check(assertChain),
    ]);
    return { postgres, migrations, chain };
}

async function assertChain(): Promise<void> {
    const chainId = await publicClient.getChainId();
    if (chainId !== config.CHAIN_ID) {
        throw new Error(`RPC_URL is chain ${chainId}, CHAIN_ID is ${config.CHAIN_ID}`);
    }
}

async function check(assert: () => Promise<unknown>): Promise<Check> {
    try {
        await assert();
        return { ok: true };
    } catch (error) {
        return { ok: false, message: reasonOf(error).slice(0, 200) };
    }
}

/** In short: viem's long message has the address of the node in it, whose path is often a key. */
function reasonOf(error: unknown): string {
    if (error instanceof BaseError) return error.shortMessage;
    if (!(error instanceof Error)) return "failed";
    return error.cause instanceof Error ? error.cause.message : error.message;
}
