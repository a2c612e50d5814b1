import type { Attribute } from "./attributed";
import type { Decided, Look } from "./DecisionService";
import { decideAgain, forNet, type NetPurchase, type Owing } from "./decideAgain";
import type { CapTaking, DueReward } from "./decision";
import { evaluatorOf } from "./evaluatorOf";
import { type Facts, noStanding } from "./facts";
import { capsLeft } from "./limiting";
import { factsOf } from "./snapshot";
import { mayPay } from "./trace";
import { type Live, theirsNow, underLive } from "./underLive";

/** A purchase that was decided about, and what is left of it; people by who they are now. */
export type Remaining = { decided: Decided; net: NetPurchase | "gone"; live: Live };
/** What one campaign makes of what is left, before it is known what others took meanwhile. */
export type Sketch = {
    decided: Decided;
    look: Look;
    facts: Facts;
    /** What it would owe had the order been placed so: the most that it may owe. Nothing where it never did. */
    asPlaced: Owing | undefined;
    /** The most that it ever owed each: kept, whatever others took meanwhile. */
    promised: ReadonlyMap<string, bigint>;
    /** The caps it may take from beyond what was promised; nothing where it owes no more than that. */
    growing: readonly CapTaking[] | undefined;
};

export const nameOf = ({ recipient, groupId, chainDepth, kind, currency }: DueReward): string =>
    `${recipient}:${groupId}:${chainDepth}:${kind}:${currency ?? ""}`;

/** Every campaign that looked at it, by priority. Of an order that is gone, those that owe something. */
export function sketchesOf({ decided, net, live }: Remaining, attribute: Attribute): Sketch[] {
    const known = factsOf(decided.snapshot);
    if (net === "gone") {
        return decided.looks
            .filter(({ evaluationId }) => evaluationId)
            .map((look) => ({ decided, look, facts: known, ...nothing }));
    }
    const facts = underLive(forNet(known, net), live);
    return decided.looks.map((look) => {
        const { outcome, caps } = evaluatorOf(look.version, attribute).outline(facts, noStanding);
        const may = mayPay.has(outcome) ? caps : undefined;
        const owed = owedBy(look, attribute);
        const [first] = owed;
        if (!first) return { decided, look, facts, ...nothing, asPlaced: undefined, growing: may };
        const asPlaced = owingNow(first(net), live);
        const promised = mostOf(owed.map((one) => owingNow(one(undefined), live).rewards));
        const isMore = asPlaced.rewards.some(
            (one) => one.amount > (promised.get(nameOf(one)) ?? 0n)
        );
        return { decided, look, facts, asPlaced, promised, growing: isMore ? may : undefined };
    });
}

const nothing = {
    asPlaced: { rewards: [], caps: [] },
    promised: new Map<string, bigint>(),
    growing: undefined,
};

/** Each time that it came to owe something, decided again for whatever is left. */
const owedBy = ({ version, decided }: Look, attribute: Attribute) =>
    decided.map((one) => (net: NetPurchase | undefined) => {
        const evaluator = evaluatorOf(version, attribute);
        return decideAgain({ ...one, evaluator }, net);
    });

const owingNow = ({ rewards, caps }: Owing, live: Live): Owing => ({
    rewards: rewards.map((one) => theirsNow(one, live)),
    caps: caps.map((one) => theirsNow(one, live)),
});

function mostOf(all: readonly DueReward[][]): Map<string, bigint> {
    const most = new Map<string, bigint>();
    for (const one of all.flat()) {
        const name = nameOf(one);
        const known = most.get(name) ?? 0n;
        most.set(name, one.amount > known ? one.amount : known);
    }
    return most;
}

/** As placed, as far as it was promised or there is room for it now. */
export function within({ asPlaced, promised, look }: Sketch, room: readonly DueReward[]): Owing {
    const now = new Map(room.map((one) => [nameOf(one), one.amount]));
    const { rewards, caps } = asPlaced ?? nothing.asPlaced;
    const left = rewards.flatMap((one) => {
        const name = nameOf(one);
        const most = larger(promised.get(name) ?? 0n, now.get(name) ?? 0n);
        const amount = one.amount < most ? one.amount : most;
        return amount > 0n ? [{ ...one, amount }] : [];
    });
    return { rewards: left, caps: capsLeft(look.version.definition, left, caps) };
}

const larger = (one: bigint, other: bigint): bigint => (one > other ? one : other);
