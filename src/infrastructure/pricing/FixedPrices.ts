import type { Address } from "viem";
import type { Currency } from "@/utils/money";
import type { Clock } from "@/utils/time";
import type { Price, PriceSource } from "./PriceSource";

const prices: Record<string, string> = { USD: "1", EUR: "0.92", GBP: "0.79" };

/** Made-up prices for development, and said to be so wherever they are shown. */
export class FixedPrices implements PriceSource {
    constructor(private readonly clock: Clock) {}

    async pricesOf(_: Address, currencies: readonly Currency[]): Promise<Map<Currency, Price>> {
        const at = this.clock.now().toISOString();
        return new Map(
            currencies.flatMap((currency) => {
                const price = prices[currency];
                return price ? [[currency, { price, source: "development", at }]] : [];
            })
        );
    }
}
