import ky from "ky";
import type { Address } from "viem";
import { asCurrency, type Currency } from "@/utils/money";
import type { Clock } from "@/utils/time";
import type { Price, PriceSource } from "./PriceSource";
import { priceText } from "./priceText";

type Rates = { rates: Record<string, number> };

/** Stablecoins are worth the currency that they are pegged to; what that is in another, an FX source says. */
export class PeggedPrices implements PriceSource {
    constructor(
        private readonly pegs: ReadonlyMap<Address, Currency>,
        private readonly fxUrl: string,
        private readonly clock: Clock
    ) {}

    async pricesOf(token: Address, currencies: readonly Currency[]): Promise<Map<Currency, Price>> {
        const peg = this.pegs.get(token);
        if (!peg) return new Map();
        const others = currencies.filter((currency) => currency !== peg);
        const { rates } = await ky
            .get(this.fxUrl, {
                searchParams: { base: peg, symbols: others.join() },
                timeout: 5_000,
            })
            .json<Rates>();
        const at = this.clock.now().toISOString();
        const known = Object.entries(rates).flatMap(([code, rate]) => {
            const price = priceText(rate);
            return price ? [[asCurrency(code), { price, source: "peg+fx", at }] as const] : [];
        });
        return new Map([[peg, { price: "1", source: "peg", at }], ...known]);
    }
}
