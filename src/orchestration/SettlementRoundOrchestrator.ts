import type { Bank, BankRepository } from "@/domain/merchant";
import type { Funds, Payer, SettlementService } from "@/domain/rewards";
import type { BankClient, BankFunds } from "@/infrastructure/blockchain/BankClient";
import type { Database } from "@/infrastructure/persistence/Database";
import type { Queue } from "@/infrastructure/queue/Queue";

/** Decides who is paid now: what is owed, netted per wallet, as far as the merchants' banks can pay it. */
export class SettlementRoundOrchestrator {
    constructor(
        private readonly db: Database,
        private readonly settlements: SettlementService,
        private readonly banks: BankRepository,
        private readonly chain: BankClient,
        private readonly queue: Queue
    ) {}

    async open(): Promise<void> {
        const payers = await this.settlements.findPayers();
        if (payers.length === 0) return;
        const funds = await this.fundsOf(payers);
        await this.db.transaction(async () => {
            if (await this.settlements.openRound(funds)) await this.queue.wake("signBatches");
        });
    }

    /** The chain is asked before the transaction; what is on its way out by then is taken off inside it. */
    private async fundsOf(payers: readonly Payer[]): Promise<Funds[]> {
        const found = await this.banks.findOf(payers.map(({ merchantId }) => merchantId));
        const banks = new Map(found.map((bank) => [bank.merchantId, bank]));
        const open = payers.flatMap((payer) => {
            const bank = banks.get(payer.merchantId);
            return bank && bank.status !== "deploying" ? [{ payer, bank }] : [];
        });
        const onChain = await this.chain.fundsOf(
            open.map(({ payer, bank }) => ({ bank: bank.address, token: payer.token }))
        );
        const known = new Map(open.map(({ payer }, index) => [payer, onChain[index]]));
        return payers.map((payer) => asFunds(payer, banks.get(payer.merchantId), known.get(payer)));
    }
}

function asFunds(payer: Payer, bank: Bank | undefined, onChain: BankFunds | undefined): Funds {
    if (!bank || !onChain)
        return { ...payer, bank: undefined, available: 0n, shortage: "bankNotOpen" };
    return {
        ...payer,
        bank: bank.address,
        available: onChain.spendable,
        shortage: onChain.isPaused ? "bankPaused" : "bankShortOfFunds",
    };
}
