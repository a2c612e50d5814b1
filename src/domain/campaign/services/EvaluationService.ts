import { LRUCache } from "lru-cache";
import { type CampaignVersionId, type EvaluationId, newId } from "@/utils/ids";
import type { Asset } from "@/utils/money";
import type { Clock } from "@/utils/time";
import type { Campaign, CampaignVersion, DecisionRow, Evaluation, Interaction } from "../db/schema";
import type { BudgetRepository } from "../repositories/BudgetRepository";
import type { CampaignRepository, VersionedCampaign } from "../repositories/CampaignRepository";
import type { EvaluationRepository } from "../repositories/EvaluationRepository";
import { compile, type Decision, type Evaluator } from "./compile";
import type { Facts } from "./facts";
import type { Outcome, Trace } from "./trace";

export type Question = { interaction: Interaction; facts: Omit<Facts, "budgets"> };
export type Answer = {
    interaction: Interaction;
    asset: Asset;
    campaign: Campaign;
    version: CampaignVersion;
    evaluationId: EvaluationId;
    decision: Decision;
};

export class EvaluationService {
    /** Versions never change, so what is compiled once is right for ever. */
    private readonly evaluators = new LRUCache<CampaignVersionId, Evaluator>({ max: 10_000 });

    constructor(
        private readonly campaigns: CampaignRepository,
        private readonly budgets: BudgetRepository,
        private readonly evaluations: EvaluationRepository,
        private readonly clock: Clock
    ) {}

    /**
     * Decides every interaction under every campaign that is live for it, one after another, each with what
     * the earlier ones left of the budgets. Locks the budgets until the transaction ends; writes nothing.
     */
    async decide(questions: readonly Question[]): Promise<Answer[]> {
        const merchantIds = [
            ...new Set(questions.map(({ interaction }) => interaction.merchantId)),
        ];
        const active = await this.campaigns.findActive(merchantIds, "purchase");
        const budgets = await this.lockBudgets(active);
        return questions.flatMap((question) =>
            active
                .filter((one) => isLive(one, question.interaction))
                .map((one) => this.answer(question, one, budgets))
        );
    }

    /** Keeps the decisions with their traces, takes what they owe from the budgets, and says as of when. */
    async record(answers: readonly Answer[]): Promise<Date> {
        const at = this.clock.now();
        const rewarding = answers.filter(({ decision }) => decision.rewards.length > 0);
        await this.evaluations.insertDecisions(asDecisions(answers, at));
        await this.evaluations.insertAll(rewarding.map((answer) => asEvaluation(answer, at)));
        await this.budgets.take(
            answers.flatMap(({ campaign, decision }) =>
                decision.taken.map((taken) => ({ ...taken, campaignId: campaign.id }))
            )
        );
        return at;
    }

    private async lockBudgets(active: readonly VersionedCampaign[]): Promise<Budgets> {
        const rows = await this.budgets.lock(active.map(({ campaign }) => campaign.id));
        const budgets: Budgets = new Map();
        for (const { campaignId, name, used } of rows) {
            const ofCampaign = budgets.get(campaignId) ?? new Map<string, bigint>();
            budgets.set(campaignId, ofCampaign.set(name, used));
        }
        return budgets;
    }

    private answer(
        { interaction, facts }: Question,
        { campaign, version }: VersionedCampaign,
        all: Budgets
    ): Answer {
        const budgets = all.get(campaign.id) ?? new Map<string, bigint>();
        const decision = this.evaluatorOf(version)({ ...facts, budgets });
        for (const { name, amount } of decision.taken) {
            budgets.set(name, (budgets.get(name) ?? 0n) + amount);
        }
        const { asset } = facts;
        return { interaction, asset, campaign, version, evaluationId: newId(), decision };
    }

    private evaluatorOf({ id, definition }: CampaignVersion): Evaluator {
        const known = this.evaluators.get(id);
        if (known) return known;
        const evaluator = compile(definition);
        this.evaluators.set(id, evaluator);
        return evaluator;
    }
}

type Budgets = Map<string, Map<string, bigint>>;

/** A campaign governs what happened while it ran, whenever it is decided. */
function isLive({ campaign }: VersionedCampaign, { merchantId, occurredAt }: Interaction): boolean {
    const { startsAt, endsAt } = campaign;
    return (
        campaign.merchantId === merchantId &&
        (!startsAt || startsAt <= occurredAt) &&
        (!endsAt || occurredAt < endsAt)
    );
}

const asEvaluation = (
    { evaluationId, interaction, campaign, version }: Answer,
    evaluatedAt: Date
): Evaluation => ({
    id: evaluationId,
    interactionId: interaction.id,
    campaignId: campaign.id,
    campaignVersionId: version.id,
    evaluatedAt,
});

function asDecisions(answers: readonly Answer[], decidedAt: Date): DecisionRow[] {
    const byInteraction = Map.groupBy(answers, ({ interaction }) => interaction.id);
    return [...byInteraction].map(([interactionId, all]) => ({
        interactionId,
        decidedAt,
        traces: all.map(({ campaign, version, decision: { outcome, trace } }) => ({
            campaignId: campaign.id,
            campaignVersion: version.number,
            outcome,
            trace: compact(outcome, trace),
        })),
    }));
}

/** Before anybody is looked for, who brought them does not matter. */
const undecidedByPeople = new Set<Outcome>(["notMatched", "testOrder"]);

/** Without what it did not come to: of twenty campaigns that look at an order, most have little to say. */
function compact(outcome: Outcome, { attribution, ...trace }: Trace): Partial<Trace> {
    const parts = Object.entries(trace).filter(([, part]) => part.length > 0);
    return undecidedByPeople.has(outcome)
        ? Object.fromEntries(parts)
        : { attribution, ...Object.fromEntries(parts) };
}
