import { LRUCache } from "lru-cache";
import type { Address } from "viem";
import { type Fraction, fraction } from "@/utils/fraction";
import type { Currency } from "@/utils/money";
import { type Clock, minutes } from "@/utils/time";
import { log } from "../observability/log";
import type { Price, PriceSource } from "./PriceSource";

type Prices = Map<Currency, Price>;
type Known = { prices: Prices; askedAt: number };

const freshMs = minutes(20);

/**
 * Asks a source at most every 20 minutes, and does not believe that a price has moved by more than a fifth:
 * such a price is refused and logged, and nobody knows one until the source comes back to its senses.
 */
export class GuardedPrices implements PriceSource {
    private readonly known = new LRUCache<string, Known>({ max: 1_000 });
    private readonly accepted = new LRUCache<string, string>({ max: 10_000 });

    constructor(
        private readonly source: PriceSource,
        private readonly clock: Clock
    ) {}

    async pricesOf(token: Address, currencies: readonly Currency[]): Promise<Prices> {
        const key = `${token}:${currencies.join()}`;
        const now = this.clock.now().getTime();
        const known = this.known.get(key);
        if (known && now - known.askedAt < freshMs) return known.prices;
        const asked = await this.ask(token, currencies);
        const prices = new Map([...asked].filter((one) => this.isCredible(token, ...one)));
        this.known.set(key, { prices, askedAt: now });
        return prices;
    }

    private async ask(token: Address, currencies: readonly Currency[]): Promise<Prices> {
        try {
            return await this.source.pricesOf(token, currencies);
        } catch (error) {
            log.warn({ err: error, token }, "the price source does not answer");
            return new Map();
        }
    }

    private isCredible(token: Address, currency: Currency, { price, source }: Price): boolean {
        const key = `${token}:${currency}`;
        const last = this.accepted.get(key);
        if (last && hasLeapt(fraction(last), fraction(price))) {
            log.warn({ token, currency, price, last, source }, "a price that leapt was refused");
            return false;
        }
        this.accepted.set(key, price);
        return true;
    }
}

/** By more than 20 %, exactly. */
function hasLeapt(from: Fraction, to: Fraction): boolean {
    const before = from.numerator * to.denominator;
    const after = to.numerator * from.denominator;
    const move = after > before ? after - before : before - after;
    return move * 5n > before;
}
