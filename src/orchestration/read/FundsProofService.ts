import { eq, sql } from "drizzle-orm";
import type { Address } from "viem";
import type { BankRepository } from "@/domain/merchant";
import { rewards } from "@/domain/rewards/db/schema";
import type { ChainReader } from "@/infrastructure/blockchain/ChainReader";
import type { Database } from "@/infrastructure/persistence/Database";
import type { MerchantId } from "@/utils/ids";
import type { Asset } from "@/utils/money";

/** Of one asset: on chain in the bank, owed in all, owed and payable now, and paid so far. */
export type AssetFunds = {
    asset: Asset;
    funded: bigint;
    committed: bigint;
    claimable: bigint;
    paid: bigint;
};
export type FundsProof = { bank: Address | null; block: bigint; assets: AssetFunds[] };

type Row = { token: Address; status: string; paymentId: string | null; amount: string };

/** Whether a merchant's bank holds what the merchant owes, to the base unit, as of one block. */
export class FundsProofService {
    constructor(
        private readonly db: Database,
        private readonly banks: BankRepository,
        private readonly chain: ChainReader,
        private readonly assets: readonly Asset[]
    ) {}

    async of(merchantId: MerchantId): Promise<FundsProof> {
        const rows = await this.sumsOf(merchantId);
        const bank = await this.banks.find(merchantId);
        const block = await this.chain.head();
        const inFlight = rows.flatMap(({ paymentId, status }) =>
            status === "settling" && paymentId ? [BigInt(paymentId)] : []
        );
        const [paidOnChain, held] = await Promise.all([
            this.chain.paidOf(inFlight, block),
            bank
                ? this.chain.balancesOf(
                      this.assets.map(({ address }) => ({ holder: bank.address, token: address })),
                      block
                  )
                : [],
        ]);
        const made = new Set(paidOnChain.map(String));
        const assets = this.assets.map((asset, index) =>
            fundsOf({ asset, funded: held[index] ?? 0n }, rows, made)
        );
        return { bank: bank?.address ?? null, block, assets };
    }

    private async sumsOf(merchantId: MerchantId): Promise<Row[]> {
        const { token, status, paymentId } = rewards;
        return this.db.rows<Row>(sql`
            select ${token} as token, ${status} as status,
                case when ${status} = 'settling' then ${paymentId}::text end as "paymentId",
                sum(${rewards.amount})::text as amount
            from ${rewards} where ${eq(rewards.merchantId, merchantId)}
            group by 1, 2, 3`);
    }
}

function fundsOf(
    { asset, funded }: Pick<AssetFunds, "asset" | "funded">,
    rows: readonly Row[],
    made: ReadonlySet<string>
): AssetFunds {
    const ofAsset = rows.filter(({ token }) => token === asset.address.toLowerCase());
    const sum = (matches: (row: Row, isMade: boolean) => boolean) =>
        ofAsset
            .filter((row) => matches(row, row.paymentId !== null && made.has(row.paymentId)))
            .reduce((total, { amount }) => total + BigInt(amount), 0n);
    const isPaid = ({ status }: Row, isMade: boolean) => status === "settled" || isMade;
    const owed = ["pending", "available", "waitsForFunds", "settling"];
    return {
        asset,
        funded,
        committed: sum((row, isMade) => owed.includes(row.status) && !isMade),
        claimable: sum(({ status }) => status === "available" || status === "waitsForFunds"),
        paid: sum(isPaid),
    };
}
