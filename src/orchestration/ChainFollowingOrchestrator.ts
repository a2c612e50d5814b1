import type { ChainTransactionService } from "@/infrastructure/blockchain/ChainTransactionService";
import type { Queue } from "@/infrastructure/queue/Queue";

/** Signed transactions are sent and watched; whoever waits for one hears when it is final. */
export class ChainFollowingOrchestrator {
    constructor(
        private readonly transactions: ChainTransactionService,
        private readonly queue: Queue
    ) {}

    /** For at most `maxMs`. */
    async follow(maxMs: number): Promise<void> {
        const isNews = await this.transactions.follow(maxMs);
        if (!isNews) return;
        await this.queue.wake("closeSettlement");
        await this.queue.wake("deployBanks");
        await this.queue.wake("followTransactions");
    }
}
