import { type Fraction, fractionText, plus } from "@/utils/fraction";
import type { GroupId } from "@/utils/ids";
import { days } from "@/utils/time";
import type { AttributionRule, Definition } from "./definition";
import type { Facts, Touch } from "./facts";
import type { AttributionTrace } from "./trace";

/** How much each arrival counts, by its place: shares that sum to 1. Attribution's own models, handed in. */
export type Attribute = (
    touches: readonly Touch[],
    rule: {
        model: AttributionRule["model"];
        codeBeatsLink: boolean;
        halfLifeDays: number;
        at: Date;
    }
) => Fraction[];

export type Attributed = {
    /** The arrival that counts most; of equals, the last. */
    touch: Touch | undefined;
    /** Who brought the actor, with how much of it was theirs. */
    referrers: ReadonlyMap<GroupId, Fraction>;
    /** The only one who brought them was they themselves. */
    isSelfReferral: boolean;
    shares: readonly { touch: Touch; share: Fraction }[];
};

const defaults = {
    model: "lastReferral",
    windowDays: 30,
    halfLifeDays: 7,
    codeBeatsLink: true,
} as const;
export const attributionRule = ({ attribution }: Definition): Required<AttributionRule> => ({
    ...defaults,
    ...attribution,
});

const nobody: Attributed = {
    touch: undefined,
    referrers: new Map(),
    isSelfReferral: false,
    shares: [],
};

export function compileAttribution(
    rule: Required<AttributionRule>,
    attribute: Attribute
): (facts: Facts) => Attributed {
    const windowMs = days(rule.windowDays);
    return ({ actor, touches, occurredAt }) => {
        const at = occurredAt.getTime();
        const within = touches.filter((touch) => at - touch.occurredAt.getTime() <= windowMs);
        if (within.length === 0) return nobody;
        const others = within.map((touch) => withoutSelf(touch, actor));
        const ratios = attribute(others, { ...rule, at: occurredAt });
        const shares = others
            .map((touch, place) => ({ touch, share: ratios[place] as Fraction }))
            .filter(({ share }) => share.numerator > 0n);
        const referrers = referrersOf(shares);
        const isSelf = referrers.size === 0 && within.some((one) => one.referrerGroupId === actor);
        return { touch: most(shares)?.touch, referrers, isSelfReferral: isSelf, shares };
    };
}

/** Nobody refers themselves: what came through one's own link came directly. */
const withoutSelf = (touch: Touch, actor: GroupId): Touch =>
    touch.referrerGroupId === actor
        ? { ...touch, source: "direct", referrerGroupId: undefined, shareCode: undefined }
        : touch;

function referrersOf(shares: Attributed["shares"]): Map<GroupId, Fraction> {
    const referrers = new Map<GroupId, Fraction>();
    for (const { touch, share } of shares) {
        const { referrerGroupId: group } = touch;
        if (!group) continue;
        const known = referrers.get(group);
        referrers.set(group, known ? plus(known, share) : share);
    }
    return referrers;
}

function most(shares: Attributed["shares"]) {
    return shares.reduce<Attributed["shares"][number] | undefined>(
        (best, one) => (best && isMore(best.share, one.share) ? best : one),
        undefined
    );
}

const isMore = (a: Fraction, b: Fraction): boolean =>
    a.numerator * b.denominator > b.numerator * a.denominator;

export const attributionTrace = (
    { model, windowDays }: AttributionRule,
    { shares }: Attributed
): AttributionTrace => ({
    model,
    windowDays,
    shares: shares.map(({ touch, share }) => ({
        touchpointId: touch.touchpointId,
        referrer: touch.referrerGroupId ? { groupId: touch.referrerGroupId } : null,
        share: fractionText(share),
    })),
});
