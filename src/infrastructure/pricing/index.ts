import { asCurrency } from "@/utils/money";
import { systemClock } from "@/utils/time";
import { config } from "../config";
import { CoinGeckoPrices } from "./CoinGeckoPrices";
import { FirstPrices } from "./FirstPrices";
import { FixedPrices } from "./FixedPrices";
import { GuardedPrices } from "./GuardedPrices";
import { noPrices } from "./noPrices";
import { PeggedPrices } from "./PeggedPrices";
import type { PriceSource } from "./PriceSource";

export const priceSource: PriceSource = sourceOf();

/** What is not configured is not asked; in development prices are made up. */
function sourceOf(): PriceSource {
    if (config.isDevelopment) return new FixedPrices(systemClock);
    const { PRICE_PEGS, FX_URL, COINGECKO_URL, COINGECKO_PLATFORM, COINGECKO_API_KEY } = config;
    const sources: PriceSource[] = [];
    if (PRICE_PEGS.length > 0 && FX_URL) {
        const pegs = config.REWARD_ASSETS.flatMap(({ symbol, address }) => {
            const peg = PRICE_PEGS.find((one) => one.symbol === symbol);
            return peg ? [[address, asCurrency(peg.currency)] as const] : [];
        });
        sources.push(new PeggedPrices(new Map(pegs), FX_URL, systemClock));
    }
    if (COINGECKO_PLATFORM) {
        const settings = {
            url: COINGECKO_URL,
            platform: COINGECKO_PLATFORM,
            apiKey: COINGECKO_API_KEY,
        };
        sources.push(new CoinGeckoPrices(settings, systemClock));
    }
    if (sources.length === 0) return noPrices;
    return new GuardedPrices(new FirstPrices(sources), systemClock);
}
