import type { Address } from "viem";
import type { Bank, BankRepository, ChainOrder, ChainOrderRepository } from "@/domain/merchant";
import type { BankClient } from "@/infrastructure/blockchain/BankClient";
import type {
    Call,
    ChainTransactionService,
} from "@/infrastructure/blockchain/ChainTransactionService";
import type { MerchantRegistryClient } from "@/infrastructure/blockchain/MerchantRegistryClient";
import type { ChainRole } from "@/infrastructure/keys/KeyRing";
import type { Database } from "@/infrastructure/persistence/Database";
import type { Queue } from "@/infrastructure/queue/Queue";
import { ConflictError } from "@/utils/errors";
import type { MerchantId } from "@/utils/ids";
import type { Clock } from "@/utils/time";

export type OrderRequest = {
    merchantId: MerchantId;
    kind: ChainOrder["kind"];
    requestedBy: Address;
    domain: string | null;
};
type Orders = { orders: ChainOrderRepository; banks: BankRepository; clock: Clock };
type Chain = {
    banks: BankClient;
    registry: MerchantRegistryClient;
    transactions: ChainTransactionService;
};

/** What a merchant's staff asks of the chain: their bank paused or resumed, their domain registered. */
export class ChainOrderOrchestrator {
    constructor(
        private readonly db: Database,
        private readonly merchant: Orders,
        private readonly chain: Chain,
        private readonly queue: Queue
    ) {}

    /** Says where the newest order of that kind stands. Throws `BANK_NOT_FOUND` for a bank that does not stand yet. */
    async request(request: OrderRequest): Promise<ChainOrder> {
        const { merchantId, kind } = request;
        if (kind !== "mintProduct") await this.openBankOf(merchantId);
        return this.db.transaction(async () => {
            const last = await this.merchant.orders.findLast(merchantId, kind);
            const isMinted = kind === "mintProduct" && last?.status === "done";
            if (last && isMinted) return last;
            await this.merchant.orders.add({ ...request, createdAt: this.merchant.clock.now() });
            await this.queue.wake("carryOutChainOrders");
            const order = await this.merchant.orders.findLast(merchantId, kind);
            if (!order) throw new Error("An order that was added is not there");
            return order;
        });
    }

    find(merchantId: MerchantId, kind: ChainOrder["kind"]): Promise<ChainOrder | undefined> {
        return this.merchant.orders.findLast(merchantId, kind);
    }

    async advanceAll(): Promise<void> {
        const open = await this.merchant.orders.findOpen();
        const sent = open.filter(({ status }) => status === "sent");
        await this.closeFinal(sent);
        for (const order of open.filter(({ status }) => status === "requested")) {
            if (await this.isSo(order)) await this.end(order, null);
            else await this.sign(order);
        }
    }

    private async sign(order: ChainOrder): Promise<void> {
        const { role, call } = await this.callOf(order);
        const preparation = await this.chain.transactions.prepare(role);
        await this.db.transaction(async () => {
            if (!(await this.merchant.orders.lockRequested(order.id))) return;
            const purpose = `order:${order.id}`;
            const { id, hash } = await this.chain.transactions.sign(preparation, purpose, call);
            await this.merchant.orders.update(order.id, {
                status: "sent",
                transactionId: id,
                txHash: hash,
            });
            await this.queue.wake("followTransactions");
        });
    }

    /** Whether it came to pass is asked of the chain, not of the receipt: somebody may have been faster. */
    private async closeFinal(sent: readonly ChainOrder[]): Promise<void> {
        const ids = sent.flatMap(({ transactionId }) => transactionId ?? []);
        const final = await this.chain.transactions.findFinal(ids);
        const byId = new Map(final.map((transaction) => [transaction.id, transaction]));
        for (const order of sent) {
            const transaction = order.transactionId && byId.get(order.transactionId);
            if (!transaction) continue;
            const reason = (await this.isSo(order)) ? null : "transactionReverted";
            await this.merchant.orders.update(order.id, { txHash: transaction.hash });
            await this.end(order, reason);
        }
    }

    private async end(order: ChainOrder, reason: string | null): Promise<void> {
        const { id, merchantId, kind } = order;
        await this.db.transaction(async () => {
            const status = reason ? "failed" : "done";
            const endedAt = this.merchant.clock.now();
            await this.merchant.orders.update(id, { status, reason, endedAt });
            if (reason || kind === "mintProduct") return;
            const bankStatus = kind === "pauseBank" ? "paused" : "open";
            await this.merchant.banks.update(merchantId, { status: bankStatus });
            await this.queue.wake("openSettlement");
        });
    }

    private async callOf(order: ChainOrder): Promise<{ role: ChainRole; call: Call }> {
        if (order.kind === "mintProduct") {
            const call = this.chain.registry.registerCall(order.requestedBy, order.domain ?? "");
            return { role: "minter", call };
        }
        const { address } = await this.openBankOf(order.merchantId);
        const call = this.chain.banks.pauseCall(address, order.kind === "pauseBank");
        return { role: "bankManager", call };
    }

    private async isSo(order: ChainOrder): Promise<boolean> {
        if (order.kind === "mintProduct") {
            return (await this.chain.registry.ownerOf(order.domain ?? "")) === order.requestedBy;
        }
        const { address } = await this.openBankOf(order.merchantId);
        return (await this.chain.banks.isPaused(address)) === (order.kind === "pauseBank");
    }

    private async openBankOf(merchantId: MerchantId): Promise<Bank> {
        const bank = await this.merchant.banks.find(merchantId);
        if (bank && bank.status !== "deploying") return bank;
        throw new ConflictError("BANK_NOT_FOUND", "This merchant has no bank yet");
    }
}
