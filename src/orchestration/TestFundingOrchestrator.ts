import type { Address, Hex } from "viem";
import type { BankRepository } from "@/domain/merchant";
import type { BankClient } from "@/infrastructure/blockchain/BankClient";
import type { ChainTransactionService } from "@/infrastructure/blockchain/ChainTransactionService";
import type { Database } from "@/infrastructure/persistence/Database";
import type { Queue } from "@/infrastructure/queue/Queue";
import { ConflictError, ForbiddenError } from "@/utils/errors";
import { type MerchantId, newId } from "@/utils/ids";

export type TestFunding = { merchantId: MerchantId; token: Address; amount: bigint };

/** Play money for a merchant's bank, on chains where money is play. */
export class TestFundingOrchestrator {
    constructor(
        private readonly db: Database,
        private readonly banks: BankRepository,
        private readonly chain: BankClient,
        private readonly transactions: ChainTransactionService,
        private readonly queue: Queue,
        private readonly testToken: Address | undefined
    ) {}

    /** Signs the minting; the chain does the rest. Throws `TEST_CHAIN_ONLY` or `BANK_NOT_FOUND`. */
    async fund({ merchantId, token, amount }: TestFunding): Promise<Hex> {
        if (token !== this.testToken) {
            throw new ForbiddenError(
                "TEST_CHAIN_ONLY",
                "Only test tokens on a test chain are given away"
            );
        }
        const bank = await this.banks.find(merchantId);
        if (!bank) throw new ConflictError("BANK_NOT_FOUND", "This merchant has no bank yet");
        const preparation = await this.transactions.prepare("minter");
        const call = this.chain.mintCall(token, bank.address, amount);
        return this.db.transaction(async () => {
            const { hash } = await this.transactions.sign(preparation, `faucet:${newId()}`, call);
            await this.queue.wake("followTransactions");
            return hash;
        });
    }
}
