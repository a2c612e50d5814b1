import type { ChainFollowingService } from "@/infrastructure/blockchain/ChainFollowingService";
import type { Queue } from "@/infrastructure/queue/Queue";

/** Signed transactions are sent and watched; whoever waits for one hears when it is final. */
export class ChainFollowingOrchestrator {
    constructor(
        private readonly chain: ChainFollowingService,
        private readonly queue: Queue
    ) {}

    /** For at most `maxMs`. */
    async follow(maxMs: number): Promise<void> {
        const isNews = await this.chain.follow(maxMs);
        if (!isNews) return;
        await this.queue.wake("closeSettlement");
        await this.queue.wake("deployBanks");
        await this.queue.wake("carryOutChainOrders");
        await this.queue.wake("publishEpochs");
        await this.queue.wake("followTransactions");
    }
}
