import type { Evaluator } from "./compile";
import type { CapTaking, DueReward } from "./decision";
import type { Facts, PurchaseFacts, Standing } from "./facts";
import { factsOf, type Snapshot } from "./snapshot";
import type { CampaignTrace } from "./trace";

/** A decision as it was kept: the version, what was known, and why. */
export type PastDecision = { evaluator: Evaluator; snapshot: Snapshot; decided: CampaignTrace };
/** What is left of a purchase after refunds: sums and lines in minor units of its currency. */
export type NetPurchase = Pick<PurchaseFacts, "total" | "subtotal"> & Partial<PurchaseFacts>;
/** What a decision owes, at once or when its turn in the line comes, and what that takes from caps. */
export type Owing = { rewards: DueReward[]; caps: CapTaking[] };

/**
 * Decides again what was decided, under the same version, prices, arrivals and budgets: the same amounts to the
 * base unit. With `net`, what it would have been for that purchase; rewards are told apart by recipient, group,
 * depth and asset. What was queued counts as owed.
 */
export function decideAgain(
    { evaluator, snapshot, decided }: PastDecision,
    net?: NetPurchase
): Owing {
    if (decided.trace.stacking) return { rewards: [], caps: [] };
    const facts = forNet(factsOf(snapshot), net);
    const { rewards, queued, caps } = evaluator.outline(facts, standingOf(decided));
    return { rewards: queued?.rewards ?? rewards, caps };
}

export const forNet = (facts: Facts, net: NetPurchase | undefined): Facts => ({
    ...facts,
    purchase: facts.purchase && { ...facts.purchase, ...net },
});

function standingOf({ trace }: CampaignTrace): Standing {
    const { budgets = [], limits = [], queueing = [] } = trace;
    const caps = new Map(limits.map(({ name, of, before }) => [`${name}:${of}`, BigInt(before)]));
    return {
        budgets: new Map(budgets.map(({ name, before }) => [name, BigInt(before)])),
        limits: new Map(
            budgets.flatMap(({ name, limit }) => (limit ? [[name, BigInt(limit)]] : []))
        ),
        caps: { get: ({ name, groupId }) => caps.get(`${name}:${groupId}`) },
        isQueueing: queueing.length > 0,
    };
}
