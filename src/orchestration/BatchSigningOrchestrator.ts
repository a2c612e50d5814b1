import type { SettlementService } from "@/domain/rewards";
import type { ChainTransactionService } from "@/infrastructure/blockchain/ChainTransactionService";
import type { RewardsHubClient } from "@/infrastructure/blockchain/RewardsHubClient";
import type { Database } from "@/infrastructure/persistence/Database";
import type { Queue } from "@/infrastructure/queue/Queue";

/** Signs the transactions of batches that were decided, and keeps them to be sent. */
export class BatchSigningOrchestrator {
    constructor(
        private readonly db: Database,
        private readonly settlements: SettlementService,
        private readonly hub: RewardsHubClient,
        private readonly transactions: ChainTransactionService,
        private readonly queue: Queue
    ) {}

    async signAll(): Promise<void> {
        const unsigned = await this.settlements.findUnsigned();
        if (unsigned.length === 0) return;
        const preparation = await this.transactions.prepare("settler");
        for (const id of unsigned) {
            await this.db.transaction(async () => {
                const locked = await this.settlements.lockUnsigned(id);
                if (!locked) return;
                const { epoch, rewardsRoot } = locked.batch;
                const call = this.hub.settleCall({ epoch, rewardsRoot, payments: locked.payments });
                const signed = await this.transactions.sign(preparation, `batch:${id}`, call);
                await this.settlements.markSent(id, signed.id);
                await this.queue.wake("followTransactions");
            });
        }
    }
}
