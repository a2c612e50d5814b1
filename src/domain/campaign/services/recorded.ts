import type { PurchaseId } from "@/utils/ids";
import type {
    BudgetTakingRow,
    CapTakingRow,
    DecisionRow,
    Evaluation,
    WaitingReward,
} from "../db/schema";
import type { NewWaiting } from "../repositories/WaitingRewardRepository";
import type { Answer } from "./answer";
import { defaultKind } from "./limiting";
import { budgetWindows, capWindow } from "./StandingBook";
import { snapshotOf } from "./snapshot";
import type { Outcome, Trace } from "./trace";

export const asEvaluation = (
    { evaluationId, interaction, campaign, version }: Answer,
    evaluatedAt: Date
): Evaluation => ({
    id: evaluationId,
    interactionId: interaction.id,
    campaignId: campaign.id,
    campaignVersionId: version.id,
    evaluatedAt,
});

export function asDecisions(answers: readonly Answer[], decidedAt: Date): DecisionRow[] {
    const byInteraction = Map.groupBy(answers, ({ interaction }) => interaction.id);
    return [...byInteraction].map(([interactionId, all]) => ({
        interactionId,
        decidedAt,
        facts: snapshotOf((all[0] as Answer).facts),
        traces: all.map(({ campaign, version, decision: { outcome, trace } }) => ({
            campaignId: campaign.id,
            campaignVersion: version.number,
            outcome,
            trace: compact(outcome, trace),
        })),
    }));
}

/** Before anybody is looked for, who brought them does not matter. */
const undecidedByPeople = new Set<Outcome>(["notMatched", "testOrder", "notConfirmed"]);

/** Without what it did not come to: of twenty campaigns that look at an order, most have little to say. */
function compact(outcome: Outcome, trace: Trace): Partial<Trace> {
    const { attribution } = trace;
    const said: Partial<Trace> = undecidedByPeople.has(outcome) ? {} : { attribution };
    for (const part of listsOf(trace)) if (trace[part].length > 0) keep(part, trace, said);
    return said;
}

type ListName = Exclude<keyof Trace, "attribution">;
const isList = (name: keyof Trace): name is ListName => name !== "attribution";
const listsOf = (trace: Trace): ListName[] =>
    (Object.keys(trace) as (keyof Trace)[]).filter(isList);

function keep<Name extends ListName>(name: Name, trace: Trace, said: Partial<Trace>): void {
    said[name] = trace[name];
}

export const asGoverned = ({ campaign, version, facts }: Answer) => ({
    campaignId: campaign.id,
    definition: version.definition,
    facts,
});

export function budgetTakingsOf(answer: Answer, at: Date): BudgetTakingRow[] {
    const { evaluationId, decision, version } = answer;
    if (decision.taken.length === 0) return [];
    const windows = budgetWindows(asGoverned(answer), at);
    return decision.taken.flatMap(({ name, amount }) => {
        const window = windows.find((one) => one.name === name);
        if (!window) return [];
        const { limit: _, ...key } = window;
        const budget = version.definition.budget?.find((one) => one.name === name);
        const asset = budget?.asset ?? defaultKind(version.definition);
        return [{ evaluationId, ...key, asset, amount }];
    });
}

export function capTakingsOf(answer: Answer): CapTakingRow[] {
    const { evaluationId, decision } = answer;
    const rewards = (decision.queued?.rewards ?? decision.rewards).length;
    return decision.caps.map((cap) => ({
        evaluationId,
        ...capWindow(asGoverned(answer), cap),
        amount: cap.amount,
        rewards,
    }));
}

export function waitingOf(answer: Answer, queuedAt: Date): NewWaiting[] {
    const { evaluationId, interaction, campaign, version, decision } = answer;
    if (!decision.queued) return [];
    const { rewards, taken } = decision.queued;
    return [
        {
            evaluationId,
            interactionId: interaction.id,
            purchaseId:
                interaction.trigger === "purchase" ? (interaction.subject as PurchaseId) : null,
            merchantId: interaction.merchantId,
            campaignId: campaign.id,
            campaignVersionId: version.id,
            rewards: rewards.map(
                (reward): WaitingReward => ({ ...reward, amount: `${reward.amount}` })
            ),
            taken: taken.map(({ name, amount }) => ({ name, amount: `${amount}` })),
            queuedAt,
        },
    ];
}
