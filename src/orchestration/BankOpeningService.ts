import type { Address } from "viem";
import type { Bank, BankRepository } from "@/domain/merchant";
import type { BankClient } from "@/infrastructure/blockchain/BankClient";
import type { Lookups } from "@/infrastructure/crypto/Lookups";
import type { Database } from "@/infrastructure/persistence/Database";
import type { Queue } from "@/infrastructure/queue/Queue";
import type { MerchantId } from "@/utils/ids";

/** A merchant asks for a bank: its address is known at once, the contract comes by a job. */
export class BankOpeningService {
    constructor(
        private readonly db: Database,
        private readonly banks: BankRepository,
        private readonly chain: BankClient,
        private readonly lookups: Lookups,
        private readonly queue: Queue
    ) {}

    /** Nothing new happens when there is one, or one is on its way. */
    async request(merchantId: MerchantId, owner: Address): Promise<Bank> {
        const merchantKey = this.lookups.commitment("merchant", merchantId);
        const address = this.chain.addressOf({ owner, merchantKey });
        return this.db.transaction(async () => {
            const opening = {
                merchantId,
                owner,
                merchantKey,
                address,
                status: "deploying",
            } as const;
            await this.banks.add(opening);
            await this.queue.wake("deployBanks");
            const bank = await this.banks.find(merchantId);
            if (!bank) throw new Error("A bank that was added is not there");
            return bank;
        });
    }
}
