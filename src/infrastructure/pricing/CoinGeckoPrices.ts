import ky from "ky";
import type { Address } from "viem";
import type { Currency } from "@/utils/money";
import type { Clock } from "@/utils/time";
import type { Price, PriceSource } from "./PriceSource";
import { priceText } from "./priceText";

type Answer = Record<string, Record<string, number>>;
export type CoinGeckoSettings = { url: string; platform: string; apiKey: string | undefined };

/** CoinGecko's simple token prices. A key is optional; without one it answers less often. */
export class CoinGeckoPrices implements PriceSource {
    constructor(
        private readonly settings: CoinGeckoSettings,
        private readonly clock: Clock
    ) {}

    async pricesOf(token: Address, currencies: readonly Currency[]): Promise<Map<Currency, Price>> {
        const { url, platform, apiKey } = this.settings;
        const answer = await ky
            .get(`${url}/simple/token_price/${platform}`, {
                searchParams: {
                    contract_addresses: token.toLowerCase(),
                    vs_currencies: currencies.join().toLowerCase(),
                    precision: "full",
                },
                headers: apiKey ? { "x-cg-demo-api-key": apiKey } : {},
                timeout: 5_000,
            })
            .json<Answer>();
        const at = this.clock.now().toISOString();
        const known = currencies.flatMap((currency) => {
            const price = priceText(answer[token.toLowerCase()]?.[currency.toLowerCase()]);
            return price ? [[currency, { price, source: "coingecko", at }] as const] : [];
        });
        return new Map(known);
    }
}
