import { type Fraction, fraction, minus, over, plus, reduced, whole } from "@/utils/fraction";
import { days } from "@/utils/time";

export const attributionModels = [
    "lastReferral",
    "first",
    "last",
    "linear",
    "timeDecay",
    "positionBased",
] as const;
export type AttributionModel = (typeof attributionModels)[number];

/** An arrival as far as a model cares. */
export type Attributable = {
    source: string;
    referrerGroupId?: string | undefined;
    occurredAt: Date;
};
export type Rule = {
    model: AttributionModel;
    /** A code that the buyer typed in says more than a link that they once followed. */
    codeBeatsLink: boolean;
    /** After how many days an arrival counts half; for `timeDecay`. */
    halfLifeDays: number;
    /** The moment that is attributed. */
    at: Date;
};

const nothing = whole(0n);
const everything = whole(1n);
const outer = fraction("0.4");
const inner = fraction("0.2");

/**
 * How much each arrival (ascending in time) had to do with it, by its place: exact shares that sum to 1,
 * the last being what the others leave. No arrivals, no shares.
 */
export function sharesOf(touches: readonly Attributable[], rule: Rule): Fraction[] {
    if (touches.length === 0) return [];
    const code = rule.codeBeatsLink ? lastIndex(touches, isCode) : -1;
    if (code >= 0) return only(touches.length, code);
    return models[rule.model](touches, rule);
}

type Model = (touches: readonly Attributable[], rule: Rule) => Fraction[];

const models: Record<AttributionModel, Model> = {
    first: ({ length }) => only(length, 0),
    last: ({ length }) => only(length, length - 1),
    lastReferral: (touches) => {
        const referral = lastIndex(touches, ({ referrerGroupId }) => referrerGroupId !== undefined);
        return only(touches.length, referral >= 0 ? referral : touches.length - 1);
    },
    linear: (touches) => proportional(touches.map(() => everything)),
    timeDecay: (touches, { at, halfLifeDays }) =>
        proportional(
            touches.map(({ occurredAt }) =>
                decayed(at.getTime() - occurredAt.getTime(), halfLifeDays)
            )
        ),
    positionBased: ({ length }) => proportional(positions(length)),
};

const isCode = ({ source, referrerGroupId }: Attributable): boolean =>
    source === "code" && referrerGroupId !== undefined;

function lastIndex(
    touches: readonly Attributable[],
    isMeant: (touch: Attributable) => boolean
): number {
    return touches.findLastIndex(isMeant);
}

const only = (length: number, index: number): Fraction[] =>
    Array.from({ length }, (_, place) => (place === index ? everything : nothing));

function positions(length: number): Fraction[] {
    if (length <= 2) return Array.from({ length }, () => everything);
    const middle = over(inner, whole(BigInt(length - 2)));
    return Array.from({ length }, (_, place) =>
        place === 0 || place === length - 1 ? outer : middle
    );
}

/**
 * Half after a half-life, a quarter after two, on a straight line in between: every weight is a ratio of whole
 * numbers, which an exponential is not.
 */
function decayed(ageMs: number, halfLifeDays: number): Fraction {
    const halfLifeMs = days(halfLifeDays);
    const age = Math.max(0, ageMs);
    const halvings = Math.floor(age / halfLifeMs);
    const rest = age - halvings * halfLifeMs;
    return {
        numerator: BigInt(2 * halfLifeMs - rest),
        denominator: BigInt(2 * halfLifeMs) * 2n ** BigInt(halvings),
    };
}

function proportional(weights: readonly Fraction[]): Fraction[] {
    const sum = weights.reduce((total, weight) => reduced(plus(total, weight)), nothing);
    const shares = weights.slice(0, -1).map((weight) => reduced(over(weight, sum)));
    const given = shares.reduce((total, share) => reduced(plus(total, share)), nothing);
    return [...shares, reduced(minus(everything, given))];
}
