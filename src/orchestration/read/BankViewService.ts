import { and, eq, notInArray, sql } from "drizzle-orm";
import type { Address } from "viem";
import type { BankRepository } from "@/domain/merchant";
import { rewards } from "@/domain/rewards/db/schema";
import type { BankClient } from "@/infrastructure/blockchain/BankClient";
import type { Database } from "@/infrastructure/persistence/Database";
import type { MerchantId } from "@/utils/ids";
import type { Asset } from "@/utils/money";

export type BankView = {
    status: "none" | "deploying" | "open" | "paused";
    address: Address | null;
    /** What each asset stands at: held on chain, owed to people, and what may still leave in this period. */
    assets: { asset: Asset; balance: bigint; committed: bigint; limitLeft: bigint }[];
};

const over = ["settled", "cancelled", "expired", "used"] as const;

export class BankViewService {
    constructor(
        private readonly db: Database,
        private readonly banks: BankRepository,
        private readonly chain: BankClient,
        private readonly assets: readonly Asset[]
    ) {}

    async of(merchantId: MerchantId): Promise<BankView> {
        const bank = await this.banks.find(merchantId);
        const committed = await this.committedOf(merchantId);
        const isOpen = bank !== undefined && bank.status !== "deploying";
        const funds = isOpen
            ? await this.chain.fundsOf(
                  this.assets.map(({ address }) => ({ bank: bank.address, token: address }))
              )
            : [];
        const isPaused = funds.some((one) => one.isPaused);
        return {
            status: isPaused ? "paused" : (bank?.status ?? "none"),
            address: bank?.address ?? null,
            assets: this.assets.map((asset, index) => ({
                asset,
                balance: funds[index]?.balance ?? 0n,
                committed: committed.get(asset.address) ?? 0n,
                limitLeft: funds[index]?.limitLeft ?? 0n,
            })),
        };
    }

    private async committedOf(merchantId: MerchantId): Promise<Map<Address, bigint>> {
        const rows = await this.db.current
            .select({ token: rewards.token, amount: sql`sum(${rewards.amount})`.mapWith(BigInt) })
            .from(rewards)
            .where(
                and(
                    eq(rewards.merchantId, merchantId),
                    eq(rewards.asset, "token"),
                    notInArray(rewards.status, [...over])
                )
            )
            .groupBy(rewards.token);
        return new Map(rows.map(({ token, amount }) => [token, amount]));
    }
}
