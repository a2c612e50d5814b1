import type { EpochService } from "@/domain/rewards";
import type { ChainReader } from "@/infrastructure/blockchain/ChainReader";
import type { ChainTransactionService } from "@/infrastructure/blockchain/ChainTransactionService";
import type { RewardsHubClient } from "@/infrastructure/blockchain/RewardsHubClient";
import type { Database } from "@/infrastructure/persistence/Database";
import type { Queue } from "@/infrastructure/queue/Queue";
import { newId } from "@/utils/ids";
import type { Clock } from "@/utils/time";
import type { ChangedPurchaseRepository } from "./read/ChangedPurchaseRepository";

type Chain = {
    reader: ChainReader;
    hub: RewardsHubClient;
    transactions: ChainTransactionService;
};
type Settings = { clock: Clock; intervalMs: number };

/** More than this wait for the next epoch: one transaction holds them all. */
const purchasesPerEpoch = 20_000;

/** What was bought and what is owed is committed to, epoch by epoch, and the roots are put on chain. */
export class EpochPublicationOrchestrator {
    constructor(
        private readonly db: Database,
        private readonly epochs: EpochService,
        private readonly purchases: ChangedPurchaseRepository,
        private readonly chain: Chain,
        private readonly queue: Queue,
        private readonly settings: Settings
    ) {}

    async advance(): Promise<void> {
        await this.markPublished();
        while (await this.closeNext());
        await this.signClosed();
    }

    /** The chain is asked before the transaction; what it had paid by then is owed no longer. */
    private async closeNext(): Promise<boolean> {
        const inFlight = await this.epochs.findPaymentsInFlight();
        const block = await this.chain.reader.head();
        const paid = await this.chain.reader.paidOf(inFlight, block);
        return this.db.transaction(async () => {
            if (!(await this.epochs.tryLockClosing())) return false;
            const settled = await this.epochs.findClosable();
            const changed = await this.purchases.list(purchasesPerEpoch);
            const isOverdue = changed.length > 0 && (await this.isOverdue());
            if (settled === undefined && !isOverdue) return false;
            const epoch = settled ?? (await this.epochs.openEmpty());
            await this.epochs.close(epoch, changed, { block, paid });
            return true;
        });
    }

    private async isOverdue(): Promise<boolean> {
        const last = await this.epochs.findLast();
        if (!last) return true;
        return (
            this.settings.clock.now().getTime() - last.closedAt.getTime() > this.settings.intervalMs
        );
    }

    private async signClosed(): Promise<void> {
        const unsigned = await this.epochs.findUnsigned();
        if (unsigned.length === 0) return;
        const preparation = await this.chain.transactions.prepare("publisher");
        for (const epoch of unsigned) {
            await this.db.transaction(async () => {
                const locked = await this.epochs.lockUnsigned(epoch);
                if (!locked) return;
                const liabilities = locked.liabilities.map(({ token, amount }) => ({
                    token,
                    amount: BigInt(amount),
                }));
                const call = this.chain.hub.publishCall({ ...locked, liabilities });
                const purpose = `epoch:${epoch}:${newId()}`;
                const { id } = await this.chain.transactions.sign(preparation, purpose, call);
                await this.epochs.markSent(epoch, id);
                await this.queue.wake("followTransactions");
            });
        }
    }

    private async markPublished(): Promise<void> {
        const sent = await this.epochs.findSent();
        const final = await this.chain.transactions.findFinal(
            sent.map(({ transactionId }) => transactionId)
        );
        const byId = new Map(final.map((transaction) => [transaction.id, transaction]));
        for (const { epoch, transactionId } of sent) {
            const transaction = byId.get(transactionId);
            if (transaction?.succeeded) await this.epochs.markPublished(epoch, transaction.hash);
            else if (transaction) await this.epochs.markUnsent(epoch);
        }
    }
}
