import type { BatchId, SettlementService } from "@/domain/rewards";
import type { ChainReader } from "@/infrastructure/blockchain/ChainReader";
import { log } from "@/infrastructure/observability/log";
import type { Database } from "@/infrastructure/persistence/Database";
import type { PaymentComparisonService } from "./read/PaymentComparisonService";

/** A quarter of a million payments; what is older was compared when it was younger. */
const windows = 10;

/**
 * The hub remembers what it has paid, whatever became of the events that said so. What it paid is settled with us
 * too; the other way round is never put right by paying again, but told of.
 */
export class PaymentReconciliationOrchestrator {
    constructor(
        private readonly db: Database,
        private readonly settlements: SettlementService,
        private readonly chain: ChainReader,
        private readonly payments: PaymentComparisonService
    ) {}

    /** Fails when anything is wrong, so that the job shows as failed. */
    async reconcile(): Promise<void> {
        await this.settleMade();
        const { findings } = await this.payments.compare(windows);
        for (const finding of findings) log.error(finding, "the chain says otherwise");
        if (findings.length > 0)
            throw new Error(`The chain contradicts ${findings.length} payments`);
    }

    private async settleMade(): Promise<void> {
        const unended = await this.settlements.findUnended();
        if (unended.length === 0) return;
        const ids = unended.map(({ id }) => id);
        const made = new Set(await this.chain.paidOf(ids, await this.chain.finalHead()));
        const missed = unended.filter(({ id }) => made.has(id));
        for (const batch of new Set(missed.map(({ batchId }) => batchId))) {
            await this.settle(batch, made);
        }
    }

    private async settle(batch: BatchId, made: ReadonlySet<bigint>): Promise<void> {
        const settled = await this.db.transaction(async () => {
            const locked = await this.settlements.lockOpen(batch);
            return locked ? this.settlements.settleMade(locked, made) : [];
        });
        if (settled.length > 0) log.warn({ batch, settled: settled.map(String) }, "paid unnoticed");
    }
}
