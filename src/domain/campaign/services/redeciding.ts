import { type EvaluationId, newId } from "@/utils/ids";
import type { Answer } from "./answer";
import type { Attribute } from "./attributed";
import type { CapTaking, Decision, DueReward } from "./decision";
import { evaluatorOf } from "./evaluatorOf";
import { nameOf, type Sketch, within } from "./remaining";
import type { Governed, Taking } from "./StandingBook";
import type { Held, Standing } from "./StandingService";
import { outranked } from "./stacking";

/** What a campaign is to owe for a purchase from now on; people by who they are now. */
export type Redecided = {
    sketch: Sketch;
    evaluationId: EvaluationId;
    rewards: readonly DueReward[];
    caps: readonly CapTaking[];
    /** What it decided where it came to owe more than was promised, and as of when it takes that. */
    added: { answer: Answer; at: Date } | undefined;
    /** It owed nothing before. */
    isLate: boolean;
};
type Course = { attribute: Attribute; standing: Standing };

export const governedBy = ({ look: { campaign, version }, facts }: Sketch): Governed => ({
    campaignId: campaign.id,
    definition: version.definition,
    facts,
});

/** An order placed as it is now would have taken from the windows that this one took from. */
export const momentOf = ({ budgets }: Held, now: Date): Date =>
    budgets.reduce<Date | undefined>(
        (latest, { windowStartsAt }) =>
            latest && latest > windowStartsAt ? latest : windowStartsAt,
        undefined
    ) ?? now;

/** Its turn in the line has not come: what it grew by is looked at when it is granted. */
export const isWaiting = ({ look: { decided } }: Sketch, { budgets }: Held): boolean =>
    decided[0]?.decided.outcome === "queued" && budgets.length === 0;

/** The campaigns of one purchase, by priority. Takes from the book what they take. */
export function decideTogether(
    sketches: readonly Sketch[],
    attribute: Attribute,
    standing: Standing
): Redecided[] {
    const all = sketches
        .filter(({ look, asPlaced }) => !look.evaluationId || asPlaced)
        .map((one) => decide(one, { attribute, standing }));
    const left = withoutOutranked(all);
    for (const one of left) keep(one, standing);
    return left.filter(({ isLate, added }) => added || !isLate);
}

function decide(sketch: Sketch, { attribute, standing }: Course): Redecided {
    const { look, growing, facts } = sketch;
    const isLate = look.evaluationId === undefined;
    const evaluationId = look.evaluationId ?? newId<EvaluationId>();
    const held = standing.heldBy(look.evaluationId);
    const promised = { sketch, evaluationId, isLate, added: undefined, ...within(sketch, []) };
    if (!growing || isWaiting(sketch, held)) return promised;
    const at = momentOf(held, standing.at);
    const governed = governedBy(sketch);
    standing.book.take(governed, at, returned(held));
    const decision = evaluatorOf(look.version, attribute).decide(
        facts,
        standing.book.standing(governed, at)
    );
    const answer = answerOf(sketch, evaluationId, decision);
    if (isLate)
        return {
            ...promised,
            ...owing(decision),
            ...(owes(decision) && { added: { answer, at } }),
        };
    if (decision.outcome !== "rewarded") return promised;
    const grown = within(sketch, decision.rewards);
    const isMore = grown.rewards.some(
        (one) => one.amount > (sketch.promised.get(nameOf(one)) ?? 0n)
    );
    return isMore ? { ...promised, ...grown, added: { answer, at } } : promised;
}

const owes = ({ rewards, queued }: Decision): boolean => rewards.length > 0 || queued !== undefined;
const owing = ({ rewards, queued, caps }: Decision) => ({
    rewards: queued?.rewards ?? rewards,
    caps,
});

/** What an evaluation holds is there to take while it is decided again. */
const returned = ({ budgets, caps }: Held): Taking => ({
    taken: budgets.map(({ name, amount }) => ({ name, amount: -amount })),
    caps: caps.map(({ name, groupId, amount }) => ({ name, groupId, amount: -amount })),
});

const taken = (held: Held): Taking => ({
    taken: held.budgets,
    caps: held.caps,
});

const answerOf = (
    { decided: { interaction }, look: { campaign, version }, facts }: Sketch,
    evaluationId: EvaluationId,
    decision: Answer["decision"]
): Answer => ({
    interaction,
    facts,
    asset: facts.asset,
    campaign,
    version,
    evaluationId,
    decision,
});

/** Where nobody can say which of them is the best, those that owe nothing yet do not begin to. */
function withoutOutranked(all: readonly Redecided[]): Redecided[] {
    const [first] = all;
    if (!first) return [];
    const gone = outranked(
        all.flatMap(({ sketch: { look }, rewards }) => {
            const { id: campaignId, stacking } = look.campaign;
            return rewards.length > 0 ? [{ campaignId, stacking, rewards }] : [];
        }),
        first.sketch.facts
    );
    return all.map((one) => {
        const { campaign } = one.sketch.look;
        const isGone =
            gone === "unpriced"
                ? one.isLate && campaign.stacking === "best"
                : gone.has(campaign.id);
        return isGone ? { ...one, rewards: [], caps: [], added: undefined } : one;
    });
}

function keep({ sketch, added, isLate, rewards }: Redecided, { book, heldBy, at }: Standing) {
    const held = heldBy(sketch.look.evaluationId);
    if (added) book.take(governedBy(sketch), added.at, added.answer.decision);
    else if (!isLate && rewards.length > 0 && sketch.growing) {
        book.take(governedBy(sketch), momentOf(held, at), taken(held));
    }
}
