import type { Address } from "viem";
import type { Currency } from "@/utils/money";
import type { Price, PriceSource } from "./PriceSource";

/** Asks one source after the other for what the ones before did not know. */
export class FirstPrices implements PriceSource {
    constructor(private readonly sources: readonly PriceSource[]) {}

    async pricesOf(token: Address, currencies: readonly Currency[]): Promise<Map<Currency, Price>> {
        const found = new Map<Currency, Price>();
        for (const source of this.sources) {
            const missing = currencies.filter((currency) => !found.has(currency));
            if (missing.length === 0) break;
            for (const [currency, price] of await source.pricesOf(token, missing)) {
                found.set(currency, price);
            }
        }
        return found;
    }
}
