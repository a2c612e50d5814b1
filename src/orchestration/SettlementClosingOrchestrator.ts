import type { BatchId, Ending, Payment, SettlementService } from "@/domain/rewards";
import type { ChainTransactionService } from "@/infrastructure/blockchain/ChainTransactionService";
import type { ChainTransaction } from "@/infrastructure/blockchain/db/schema";
import type { RewardsHubClient } from "@/infrastructure/blockchain/RewardsHubClient";
import { log } from "@/infrastructure/observability/log";
import type { Database } from "@/infrastructure/persistence/Database";

/** The chain has spoken: what was paid is settled, what was not is owed again. */
export class SettlementClosingOrchestrator {
    constructor(
        private readonly db: Database,
        private readonly settlements: SettlementService,
        private readonly hub: RewardsHubClient,
        private readonly transactions: ChainTransactionService
    ) {}

    /** A batch that cannot be closed is told of, tried again the next time, and holds up no other. */
    async closeAll(): Promise<void> {
        const sent = await this.settlements.findSent();
        const final = await this.transactions.findFinal(sent.map((one) => one.transactionId));
        const byId = new Map(final.map((transaction) => [transaction.id, transaction]));
        for (const { id, transactionId } of sent) {
            const transaction = byId.get(transactionId);
            if (!transaction) continue;
            await this.close(id, transaction).catch((error: unknown) =>
                log.error({ err: error, batch: id }, "a batch could not be closed")
            );
        }
    }

    private async close(id: BatchId, transaction: ChainTransaction): Promise<void> {
        await this.db.transaction(async () => {
            const locked = await this.settlements.lockSent(id);
            if (!locked) return;
            const endingOf = this.endingsOf(transaction, locked.payments);
            await this.settlements.close(locked, endingOf, transaction.hash);
        });
    }

    private endingsOf(
        { succeeded, logs }: ChainTransaction,
        payments: readonly Payment[]
    ): (payment: Payment) => Ending {
        if (!succeeded) return () => ({ status: "failed", reason: "transactionReverted" });
        const outcomes = this.hub.outcomesOf(logs ?? [], payments);
        return ({ id, status }) => {
            const outcome = outcomes.get(id);
            if (!outcome && (status === "confirmed" || status === "skipped")) {
                return { status, reason: null };
            }
            if (!outcome) throw new Error(`The hub said nothing of payment ${id}`);
            return { reason: null, ...outcome };
        };
    }
}
