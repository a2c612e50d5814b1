import type { Attribute } from "./attributed";
import { compile } from "./compile";
import type { DueReward } from "./decision";
import type { Definition } from "./definition";
import type { PurchaseFacts, Standing, VersionKey } from "./facts";
import { factsOf, type Snapshot } from "./snapshot";
import type { CampaignTrace } from "./trace";

/** A decision as it was kept: the version, what was known, and why. */
export type PastDecision = {
    definition: Definition;
    version: VersionKey;
    snapshot: Snapshot;
    decided: CampaignTrace;
};
/** What is left of a purchase after refunds: sums and lines in minor units of its currency. */
export type NetPurchase = Pick<PurchaseFacts, "total" | "subtotal"> & Partial<PurchaseFacts>;

/**
 * Decides again what was decided, under the same version, prices, arrivals and budgets: the same amounts to the
 * base unit. With `net`, what it would have been for that purchase; rewards are told apart by recipient, group,
 * depth and asset. What was queued counts as owed.
 */
export function decideAgain(
    past: PastDecision,
    attribute: Attribute,
    net?: NetPurchase
): DueReward[] {
    const { definition, version, snapshot, decided } = past;
    if (decided.trace.stacking) return [];
    const facts = factsOf(snapshot);
    const purchase = facts.purchase && { ...facts.purchase, ...net };
    const { campaignId } = decided;
    const evaluator = compile(definition, { campaignId, version }, attribute);
    const { rewards, queued } = evaluator.outline({ ...facts, purchase }, standingOf(decided));
    return queued?.rewards ?? rewards;
}

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
