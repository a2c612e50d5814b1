import type { Address } from "viem";
import type { BankRepository } from "@/domain/merchant";
import type { BankClient } from "@/infrastructure/blockchain/BankClient";
import type { ChainTransactionService } from "@/infrastructure/blockchain/ChainTransactionService";
import type { Database } from "@/infrastructure/persistence/Database";
import type { Queue } from "@/infrastructure/queue/Queue";
import type { Asset } from "@/utils/money";

type Settings = { manager: Address; assets: readonly Asset[] };

/** Banks that were asked for are put on chain. */
export class BankDeploymentOrchestrator {
    constructor(
        private readonly db: Database,
        private readonly banks: BankRepository,
        private readonly chain: BankClient,
        private readonly transactions: ChainTransactionService,
        private readonly queue: Queue,
        private readonly settings: Settings
    ) {}

    async advanceAll(): Promise<void> {
        await this.closeSent();
        await this.signUnsigned();
    }

    private async signUnsigned(): Promise<void> {
        const unsigned = await this.banks.findUnsigned();
        if (unsigned.length === 0) return;
        const preparation = await this.transactions.prepare("bankManager");
        for (const merchantId of unsigned) {
            await this.db.transaction(async () => {
                const bank = await this.banks.lockUnsigned(merchantId);
                if (!bank) return;
                const purpose = `bank:${merchantId}:${bank.attempts}`;
                const call = this.chain.deployCall({
                    owner: bank.owner,
                    merchantKey: bank.merchantKey,
                    manager: this.settings.manager,
                    assets: this.settings.assets,
                });
                const { id } = await this.transactions.sign(preparation, purpose, call);
                await this.banks.update(merchantId, {
                    transactionId: id,
                    attempts: bank.attempts + 1,
                });
                await this.queue.wake("followTransactions");
            });
        }
    }

    /** Whether the bank stands is asked of the chain, not of the receipt: somebody may have been faster. */
    private async closeSent(): Promise<void> {
        const sent = await this.banks.findSent();
        const final = await this.transactions.findFinal(sent.map((one) => one.transactionId));
        const finalIds = new Set(final.map(({ id }) => id));
        for (const { merchantId, transactionId, address } of sent) {
            if (!finalIds.has(transactionId)) continue;
            const isOpen = await this.chain.isOpen(address);
            await this.banks.update(
                merchantId,
                isOpen
                    ? { status: "open", reason: null }
                    : {
                          transactionId: null,
                          reason: "The deployment was reverted; it is tried again",
                      }
            );
        }
    }
}
