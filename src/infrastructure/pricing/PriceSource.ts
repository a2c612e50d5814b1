import type { Address } from "viem";
import type { Currency } from "@/utils/money";

/** What one token costs in a currency: a decimal as text, who says so, and since when. */
export type Price = { price: string; source: string; at: string };

/** Prices of tokens in money. What nobody knows is `undefined`, never a guess. */
export type PriceSource = {
    pricesOf(token: Address, currencies: readonly Currency[]): Promise<Map<Currency, Price>>;
};
