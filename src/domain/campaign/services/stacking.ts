import { type Fraction, fraction, over, plus, whole } from "@/utils/fraction";
import type { CampaignId } from "@/utils/ids";
import { type Asset, exponentOf } from "@/utils/money";
import type { DueReward } from "./decision";
import type { Facts } from "./facts";

/** A campaign that would pay, with what. */
export type Match = {
    campaignId: CampaignId;
    stacking: "all" | "exclusive" | "best";
    rewards: readonly DueReward[];
};
/** Who gives way to whom; or that nobody can say, because a price is missing to compare by. */
export type Ranking = Map<CampaignId, CampaignId> | Unpriced;
type Unpriced = "unpriced";

/**
 * Which matches (highest priority first) give way to which: of those that are `best`, all but the dearest for
 * this order; an `exclusive` one to whatever stands above it, and all below it to an exclusive one.
 */
export function outranked(matches: readonly Match[], facts: Facts): Ranking {
    const best = dearest(
        matches.filter(({ stacking }) => stacking === "best"),
        facts
    );
    if (best === "unpriced") return "unpriced";
    const gone: Map<CampaignId, CampaignId> = new Map();
    for (const { campaignId, stacking } of matches) {
        if (best && stacking === "best" && campaignId !== best) gone.set(campaignId, best);
    }
    const left = matches.filter(({ campaignId }) => !gone.has(campaignId));
    const [top] = left;
    if (!top) return gone;
    for (const { campaignId, stacking } of left.slice(1)) {
        if (top.stacking === "exclusive" || stacking === "exclusive") {
            gone.set(campaignId, top.campaignId);
        }
    }
    return gone;
}

function dearest(matches: readonly Match[], facts: Facts): CampaignId | Unpriced | undefined {
    if (matches.length < 2) return matches[0]?.campaignId;
    let best: { campaignId: CampaignId; value: Fraction } | undefined;
    for (const { campaignId, rewards } of matches) {
        const value = worthOf(rewards, facts);
        if (value === "unpriced") return value;
        if (!best || isMore(value, best.value)) best = { campaignId, value };
    }
    return best?.campaignId;
}

const isMore = (a: Fraction, b: Fraction): boolean =>
    a.numerator * b.denominator > b.numerator * a.denominator;

/** In base units of the reward token. Points have no price, and so no value beside money. */
function worthOf(rewards: readonly DueReward[], { asset, prices }: Facts): Fraction | "unpriced" {
    let sum = whole(0n);
    for (const { kind, currency, amount } of rewards) {
        if (kind === "points") continue;
        const price = currency && prices.get(currency)?.price;
        if (currency && !price) return "unpriced";
        const value =
            currency && price ? inTokens(amount, asset, { currency, price }) : whole(amount);
        sum = plus(sum, value);
    }
    return sum;
}

type Priced = { currency: Parameters<typeof exponentOf>[0]; price: string };

const inTokens = (amount: bigint, { decimals }: Asset, { currency, price }: Priced): Fraction =>
    over(
        {
            numerator: amount * 10n ** BigInt(decimals),
            denominator: 10n ** BigInt(exponentOf(currency)),
        },
        fraction(price)
    );
