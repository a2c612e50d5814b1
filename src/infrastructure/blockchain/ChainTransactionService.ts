import { setTimeout as sleep } from "node:timers/promises";
import { LRUCache } from "lru-cache";
import type { Address, Hex, PublicClient, TransactionReceipt } from "viem";
import { keccak256, TransactionReceiptNotFoundError } from "viem";
import type { ChainRole, ChainSigners } from "@/infrastructure/keys/KeyRing";
import { log } from "@/infrastructure/observability/log";
import { type ChainTransactionId, newId } from "@/utils/ids";
import { type Clock, seconds } from "@/utils/time";
import type { ChainTransactionRepository, Sender } from "./ChainTransactionRepository";
import type { ChainTransaction, StoredLog } from "./db/schema";

export type Call = { to: Address; data: Hex; gas: bigint };
export type SignedTransaction = { id: ChainTransactionId; hash: Hex };
export type Fees = { maxFeePerGas: bigint; maxPriorityFeePerGas: bigint };
/** What has to be asked of the node before a transaction of the database is opened. */
export type Preparation = { role: ChainRole; fees: Fees };

const followLimit = 200;
const pollMs = 200;

/**
 * Sends what we sign, once: a transaction is signed and stored with its nonce, in the database transaction
 * that decides it, and only then broadcast. Broadcasting it again is harmless, so a lost answer, a crash
 * or a second process cannot make two of one.
 */
export class ChainTransactionService {
    /** When each was sent last: a cache, so that polling does not mean sending at every poll. */
    private readonly sent = new LRUCache<Hex, true>({ max: 10_000, ttl: seconds(5) });

    constructor(
        private readonly client: PublicClient,
        private readonly signers: ChainSigners,
        private readonly transactions: ChainTransactionRepository,
        private readonly chain: { id: number; confirmations: number },
        private readonly clock: Clock
    ) {}

    async prepare(role: ChainRole): Promise<Preparation> {
        const sender = this.senderOf(role);
        if (!(await this.transactions.hasNonce(sender))) {
            const next = await this.client.getTransactionCount({
                address: sender.sender,
                blockTag: "pending",
            });
            await this.transactions.startNonces(sender, next);
        }
        const fees = await this.client.estimateFeesPerGas();
        return { role, fees };
    }

    /**
     * Signs and stores. Must be called in the database transaction that decides what is sent; `purpose`
     * is unique, so the same decision cannot be signed twice.
     */
    async sign(
        { role, fees }: Preparation,
        purpose: string,
        call: Call
    ): Promise<SignedTransaction> {
        const sender = this.senderOf(role);
        const nonce = await this.transactions.takeNonce(sender);
        const raw = await this.signers.signer(role).signTransaction({
            ...call,
            ...fees,
            type: "eip1559",
            chainId: this.chain.id,
            nonce,
        });
        const id = newId<ChainTransactionId>();
        const hash = keccak256(raw);
        await this.transactions.add({
            ...sender,
            id,
            nonce,
            purpose,
            raw,
            hash,
            gas: call.gas,
            maxFeePerGas: fees.maxFeePerGas,
            status: "signed",
            signedAt: this.clock.now(),
        });
        return { id, hash };
    }

    findFinal(ids: readonly ChainTransactionId[]): Promise<ChainTransaction[]> {
        return this.transactions.findFinal(ids);
    }

    /**
     * Sends whatever is signed and not yet mined, in the order of nonces, and looks for receipts until one
     * is final, nothing is open, or `maxMs` have passed. Says whether anything became final.
     */
    async follow(maxMs: number): Promise<boolean> {
        for (let waited = 0; waited < maxMs; waited += pollMs) {
            const open = await this.transactions.findOpen(this.chain.id, followLimit);
            if (open.length === 0) return false;
            if (await this.look(open)) return true;
            await sleep(pollMs);
        }
        return false;
    }

    private async look(open: readonly ChainTransaction[]): Promise<boolean> {
        const receipts = await Promise.all(open.map(({ hash }) => this.findReceipt(hash)));
        const head = await this.client.getBlockNumber({ cacheTime: 0 });
        let isNews = false;
        for (const [index, transaction] of open.entries()) {
            const receipt = receipts[index];
            if (!receipt) await this.broadcast(transaction);
            else if (this.isFinal(receipt, head)) {
                await this.finish(transaction.id, receipt);
                isNews = true;
            }
        }
        return isNews;
    }

    private isFinal({ blockNumber }: TransactionReceipt, head: bigint): boolean {
        return head - blockNumber + 1n >= BigInt(this.chain.confirmations);
    }

    private async finish(id: ChainTransactionId, receipt: TransactionReceipt): Promise<void> {
        await this.transactions.markFinal(id, {
            succeeded: receipt.status === "success",
            blockNumber: receipt.blockNumber,
            gasUsed: receipt.gasUsed,
            logs: receipt.logs.map(asStoredLog),
            finalAt: this.clock.now(),
        });
    }

    /** That the node refuses what it already has, or has mined, is no failure: the receipt will tell. */
    private async broadcast({ hash, raw }: ChainTransaction): Promise<void> {
        if (this.sent.has(hash)) return;
        this.sent.set(hash, true);
        try {
            await this.client.sendRawTransaction({ serializedTransaction: raw });
        } catch (error) {
            log.debug({ err: error, hash }, "the node took no transaction; it will be sent again");
        }
    }

    private async findReceipt(hash: Hex): Promise<TransactionReceipt | undefined> {
        try {
            return await this.client.getTransactionReceipt({ hash });
        } catch (error) {
            if (error instanceof TransactionReceiptNotFoundError) return undefined;
            throw error;
        }
    }

    private senderOf(role: ChainRole): Sender {
        return { chainId: this.chain.id, sender: this.signers.signer(role).address };
    }
}

const asStoredLog = ({ address, topics, data }: TransactionReceipt["logs"][number]): StoredLog => ({
    address,
    topics: [...topics],
    data,
});
