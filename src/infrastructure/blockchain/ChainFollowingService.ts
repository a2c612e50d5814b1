import { setTimeout as sleep } from "node:timers/promises";
import { LRUCache } from "lru-cache";
import type { Address, Hex, PublicClient, TransactionReceipt } from "viem";
import { TransactionReceiptNotFoundError } from "viem";
import { log } from "@/infrastructure/observability/log";
import type { ChainTransactionId } from "@/utils/ids";
import { type Clock, seconds } from "@/utils/time";
import type { ChainTransactionRepository } from "./ChainTransactionRepository";
import type { ChainTransactionService } from "./ChainTransactionService";
import type { ChainTransaction, StoredLog } from "./db/schema";
import { nodeAnswerOf } from "./nodeAnswerOf";

type Chain = {
    id: number;
    confirmations: number;
    /** How long a transaction may wait for its turn to be mined before its fee is raised. */
    replaceAfterMs: number;
};
/** One look at the chain. */
type View = {
    head: bigint;
    receipts: Map<ChainTransactionId, TransactionReceipt>;
    /** By sender: how many of its transactions are mined. */
    mined: Map<Address, number>;
};

const followLimit = 200;
const pollMs = 200;
const resendMs = seconds(5);

/**
 * Sends what is signed and watches it until it is final. Whatever a node says, or fails to say, the receipt
 * decides; one that a reorg takes back is no longer there, and the transaction is sent again.
 */
export class ChainFollowingService {
    /** When each was sent last: a cache, so that polling does not mean sending at every poll. */
    private readonly sent = new LRUCache<Hex, true>({ max: 10_000, ttl: resendMs });

    constructor(
        private readonly client: PublicClient,
        private readonly signing: ChainTransactionService,
        private readonly transactions: ChainTransactionRepository,
        private readonly chain: Chain,
        private readonly clock: Clock
    ) {}

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
        const view = await this.viewOf(open);
        let isNews = false;
        for (const transaction of open) {
            const receipt = view.receipts.get(transaction.id);
            if (!receipt) await this.push(transaction, view);
            else if (this.isFinal(receipt, view.head)) {
                await this.finish(transaction.id, receipt);
                isNews = true;
            }
        }
        return isNews;
    }

    /** Counts are asked before receipts: what is counted as mined then has its receipt, if it is ours. */
    private async viewOf(open: readonly ChainTransaction[]): Promise<View> {
        const senders = [...new Set(open.map(({ sender }) => sender))];
        const counts = await Promise.all(
            senders.map((address) => this.client.getTransactionCount({ address }))
        );
        const mined = new Map(senders.map((sender, index) => [sender, counts[index] ?? 0]));
        const replaced = await this.transactions.findReplaced(open.map(({ id }) => id));
        const found = await Promise.all(
            open.map(({ id, hash }) => this.findReceipt([hash, ...(replaced.get(id) ?? [])]))
        );
        const receipts = new Map<ChainTransactionId, TransactionReceipt>();
        for (const [index, { id }] of open.entries()) {
            const receipt = found[index];
            if (receipt) receipts.set(id, receipt);
        }
        const head = await this.client.getBlockNumber({ cacheTime: 0 });
        return { head, receipts, mined };
    }

    /** Only the next of a sender can be stuck by itself: the others wait for it. */
    private async push(transaction: ChainTransaction, { mined }: View): Promise<void> {
        const { nonce, nodeAnswer } = transaction;
        const next = mined.get(transaction.sender) ?? 0;
        const waitedMs = this.clock.now().getTime() - transaction.signedAt.getTime();
        const isTooCheap = nodeAnswer === "underpriced" && waitedMs > resendMs;
        const isOverdue = waitedMs > this.chain.replaceAfterMs;
        if (nonce < next && isOverdue) {
            log.warn(
                { transaction: transaction.id, nonce, next },
                "a nonce was used by a stranger"
            );
            return this.signing.renew(transaction);
        }
        if (nonce === next && (isTooCheap || isOverdue)) {
            log.info({ transaction: transaction.id, nonce }, "a transaction is outbid");
            return this.signing.outbid(transaction);
        }
        return this.broadcast(transaction);
    }

    private isFinal({ blockNumber }: TransactionReceipt, head: bigint): boolean {
        return head - blockNumber + 1n >= BigInt(this.chain.confirmations);
    }

    private async finish(id: ChainTransactionId, receipt: TransactionReceipt): Promise<void> {
        await this.transactions.markFinal(id, {
            hash: receipt.transactionHash,
            succeeded: receipt.status === "success",
            blockNumber: receipt.blockNumber,
            gasUsed: receipt.gasUsed,
            logs: receipt.logs.map(asStoredLog),
            finalAt: this.clock.now(),
        });
    }

    private async broadcast({ hash, raw, nodeAnswer }: ChainTransaction): Promise<void> {
        if (this.sent.has(hash)) return;
        this.sent.set(hash, true);
        const answer = await this.client.sendRawTransaction({ serializedTransaction: raw }).then(
            () => "accepted" as const,
            (error: unknown) => {
                log.debug({ err: error, hash }, "the node took no transaction; it is sent again");
                return nodeAnswerOf(error);
            }
        );
        if (answer !== nodeAnswer) await this.transactions.noteAnswer(hash, answer);
    }

    /** Of whichever of these was mined. */
    private async findReceipt(hashes: readonly Hex[]): Promise<TransactionReceipt | undefined> {
        for (const hash of hashes) {
            try {
                return await this.client.getTransactionReceipt({ hash });
            } catch (error) {
                if (!(error instanceof TransactionReceiptNotFoundError)) throw error;
            }
        }
        return undefined;
    }
}

const asStoredLog = ({ address, topics, data }: TransactionReceipt["logs"][number]): StoredLog => ({
    address,
    topics: [...topics],
    data,
});
