import { type Address, erc20Abi, type PublicClient } from "viem";
import type { PriceSource } from "@/infrastructure/pricing/PriceSource";
import { type Fraction, floor, fraction, times, whole } from "@/utils/fraction";
import { type Asset, asCurrency, type Currency, exponentOf } from "@/utils/money";

export type Holding = {
    asset: Asset;
    amount: bigint;
    /** Minor units by currency; nothing where nobody knows a price. */
    fiat: Map<Currency, bigint>;
};

/** What balances are shown in. */
export const shownCurrencies: readonly Currency[] = ["EUR", "USD", "GBP"].map(asCurrency);

/** What a wallet holds on chain of the tokens that rewards are paid in. */
export class BalanceService {
    constructor(
        private readonly client: PublicClient,
        private readonly assets: readonly Asset[],
        private readonly prices: PriceSource
    ) {}

    async holdingsOf(wallet: Address): Promise<Holding[]> {
        return Promise.all(this.assets.map((asset) => this.holding(wallet, asset)));
    }

    private async holding(wallet: Address, asset: Asset): Promise<Holding> {
        const [amount, prices] = await Promise.all([
            this.client.readContract({
                address: asset.address,
                abi: erc20Abi,
                functionName: "balanceOf",
                args: [wallet],
            }),
            this.prices.pricesOf(asset.address, shownCurrencies),
        ]);
        const fiat = [...prices].map(([currency, { price }]) => {
            const worth = worthOf({ amount, asset, price: fraction(price), currency });
            return [currency, worth] as const;
        });
        return { asset, amount, fiat: new Map(fiat) };
    }
}

type Worth = { amount: bigint; asset: Asset; price: Fraction; currency: Currency };

function worthOf({ amount, asset, price, currency }: Worth): bigint {
    const tokens = { numerator: amount, denominator: 10n ** BigInt(asset.decimals) };
    return floor(times(times(tokens, price), whole(10n ** BigInt(exponentOf(currency)))));
}
