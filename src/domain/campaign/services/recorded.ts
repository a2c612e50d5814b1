import type { EvaluationId, PurchaseId } from "@/utils/ids";
import type {
    BudgetTakingRow,
    CapTakingRow,
    DecisionRow,
    Evaluation,
    WaitingReward,
} from "../db/schema";
import type { NewWaiting } from "../repositories/WaitingRewardRepository";
import type { Answer } from "./answer";
import type { CapTaking } from "./decision";
import type { Definition } from "./definition";
import { defaultKind } from "./limiting";
import { budgetWindows, capWindow, type Governed } from "./StandingBook";
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
            rule: campaign.stacking,
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

/** What an evaluation may come to take from its budgets, of which it took nothing so far. */
export function openTakingsOf(answer: Answer, at: Date): BudgetTakingRow[] {
    const { definition } = answer.version;
    return budgetWindows(asGoverned(answer), at).map(({ limit: _, ...key }) => ({
        evaluationId: answer.evaluationId,
        ...key,
        asset: budgetAsset(definition, key.name),
        amount: 0n,
    }));
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
        return [{ evaluationId, ...key, asset: budgetAsset(version.definition, name), amount }];
    });
}

export const budgetAsset = (definition: Definition, name: string): BudgetTakingRow["asset"] =>
    definition.budget?.find((one) => one.name === name)?.asset ?? defaultKind(definition);

export function capTakingsOf(answer: Answer): CapTakingRow[] {
    const { evaluationId, decision } = answer;
    const rewards = decision.queued?.rewards ?? decision.rewards;
    return capRowsOf(asGoverned(answer), { evaluationId, rewards, caps: decision.caps });
}

type Capped = {
    evaluationId: EvaluationId;
    rewards: readonly unknown[];
    caps: readonly CapTaking[];
};

export const capRowsOf = (
    governed: Governed,
    { evaluationId, rewards, caps }: Capped
): CapTakingRow[] =>
    caps.map((cap) => ({
        evaluationId,
        ...capWindow(governed, cap),
        amount: cap.amount,
        rewards: rewards.length,
    }));

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
