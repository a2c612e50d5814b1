import { type Fraction, floor, fraction, over, times, whole } from "@/utils/fraction";
import type { GroupId } from "@/utils/ids";
import type { RewardRule } from "./definition";

export type Part = {
    recipient: RewardRule["recipient"];
    groupId: GroupId;
    depth: number;
    amount: bigint;
};

type Chain = {
    /** Who brought the actor, who brought them, and so on. */
    members: readonly GroupId[];
    actor: GroupId;
    chaining: NonNullable<RewardRule["chaining"]>;
};

const percentOf = (percent: string): Fraction => over(fraction(percent), whole(100n));

/**
 * An amount handed up a chain, in base units: `selfPercent` of it to the actor; of what remains, `decayPercent`
 * to the next one each time, and to the last all that is left. Together never more than the amount.
 */
export function sharedUp(amount: bigint, { members, actor, chaining }: Chain): Part[] {
    const { selfPercent, decayPercent, maxDepth } = chaining;
    const own = floor(times(whole(amount), percentOf(selfPercent)));
    const decay = percentOf(decayPercent);
    const chain = [...new Set(members)].filter((one) => one !== actor).slice(0, maxDepth);
    let left = amount - own;
    const parts: Part[] = [{ recipient: "referee", groupId: actor, depth: 0, amount: own }];
    for (const [depth, groupId] of chain.entries()) {
        const isLast = depth === chain.length - 1;
        const part = isLast ? left : floor(times(whole(left), decay));
        left -= part;
        parts.push({ recipient: "referrer", groupId, depth, amount: part });
    }
    return parts;
}
