import type { Address } from "viem";
import type { ChainReader } from "@/infrastructure/blockchain/ChainReader";
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
        private readonly chain: ChainReader,
        private readonly assets: readonly Asset[],
        private readonly prices: PriceSource
    ) {}

    async holdingsOf(wallet: Address): Promise<Holding[]> {
        const questions = this.assets.map(({ address: token }) => ({ holder: wallet, token }));
        const amounts = await this.chain.balancesOf(questions);
        return Promise.all(
            this.assets.map((asset, index) => this.holding(asset, amounts[index] ?? 0n))
        );
    }

    private async holding(asset: Asset, amount: bigint): Promise<Holding> {
        const prices = await this.prices.pricesOf(asset.address, shownCurrencies);
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
