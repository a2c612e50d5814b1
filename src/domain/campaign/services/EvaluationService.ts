import { LRUCache } from "lru-cache";
import { type CampaignVersionId, type EvaluationId, type InteractionId, newId } from "@/utils/ids";
import type { Clock } from "@/utils/time";
import type { CampaignVersion, Interaction } from "../db/schema";
import type { CampaignRepository, VersionedCampaign } from "../repositories/CampaignRepository";
import type { EvaluationRepository } from "../repositories/EvaluationRepository";
import type { Answer, Governed, Question } from "./answer";
import type { Attribute } from "./attributed";
import type { Evaluator } from "./compile";
import { evaluatorOf } from "./evaluatorOf";
import { type Facts, noStanding } from "./facts";
import { inForce, isLive } from "./governing";
import { allNeeds, type Needs, needsOf } from "./needs";
import { asDecisions, asEvaluation, asGoverned } from "./recorded";
import type { StandingBook } from "./StandingBook";
import type { StandingService } from "./StandingService";
import { outranked } from "./stacking";
import { mayPay, type Outcome, type Trace } from "./trace";

export class EvaluationService {
    /** Versions never change, so what is compiled once is right for ever. */
    private readonly needs = new LRUCache<CampaignVersionId, Needs>({ max: 10_000 });

    constructor(
        private readonly campaigns: CampaignRepository,
        private readonly standing: StandingService,
        private readonly evaluations: EvaluationRepository,
        private readonly clock: Clock
    ) {}

    /** Which campaigns, in which version, decide each; and what they need to know. */
    async findGoverning(
        interactions: readonly Interaction[]
    ): Promise<{ governed: Governed[]; needs: Needs }> {
        const active = await this.campaigns.findActive([
            ...new Set(interactions.map(({ merchantId }) => merchantId)),
        ]);
        const versions = await this.earlierVersions(active, interactions);
        const governed = interactions.map((interaction) => ({
            interaction,
            campaigns: active
                .map((one) =>
                    inForce(one, versions.get(one.campaign.id) ?? [], interaction.occurredAt)
                )
                .filter((one) => isLive(one, interaction)),
        }));
        const all = new Set(
            governed.flatMap(({ campaigns }) => campaigns.map((one) => one.version))
        );
        return { governed, needs: allNeeds([...all].map((version) => this.needsOf(version))) };
    }

    /**
     * Decides every interaction under every campaign that governs it, one after another, each with what the earlier
     * ones left of budgets and caps. Locks those that it may take from until the transaction ends; writes nothing.
     */
    async decide(questions: readonly Question[], attribute: Attribute): Promise<Answer[]> {
        const at = this.clock.now();
        const outlooks = questions.map((question) => lookAt(question, attribute));
        const book = await this.lockStanding(outlooks.flat(), at);
        return questions.flatMap((question, place) => {
            const answers = (outlooks[place] ?? []).map((outlook) => decided(outlook, book, at));
            const ranked = ranking(answers, question.facts);
            if (deferredOf(ranked).size > 0) return ranked;
            for (const answer of ranked) book.take(asGoverned(answer), at, answer.decision);
            return ranked;
        });
    }

    /** Keeps the decisions with their traces and facts, takes what they owe, and says as of when. */
    async record(answers: readonly Answer[]): Promise<Date> {
        const at = this.clock.now();
        const owing = answers.filter(
            ({ decision }) => decision.rewards.length > 0 || decision.queued
        );
        await this.evaluations.insertDecisions(asDecisions(answers, at));
        await this.evaluations.insertAll(owing.map((answer) => asEvaluation(answer, at)));
        await this.standing.take(owing, at);
        return at;
    }

    private async earlierVersions(
        active: readonly VersionedCampaign[],
        interactions: readonly Interaction[]
    ): Promise<Map<string, CampaignVersion[]>> {
        const oldest = Math.min(...interactions.map(({ occurredAt }) => occurredAt.getTime()));
        const changed = active.filter(
            ({ version }) => version.number > 1 && version.createdAt.getTime() > oldest
        );
        const versions = await this.campaigns.findVersions(changed.map((one) => one.campaign.id));
        return Map.groupBy(versions, ({ campaignId }) => campaignId);
    }

    /** Only of campaigns that would pay if nothing had been paid yet: most look at an order and owe nothing. */
    private lockStanding(outlooks: readonly Outlook[], at: Date): Promise<StandingBook> {
        const likely = outlooks.map(({ answer }) => answer).filter(dependsOnStanding);
        return this.standing.lock(
            likely.map((answer) => ({
                governed: asGoverned(answer),
                at,
                caps: answer.decision.caps,
            }))
        );
    }

    private needsOf({ id, definition }: CampaignVersion): Needs {
        const known = this.needs.get(id) ?? needsOf(definition);
        this.needs.set(id, known);
        return known;
    }
}

/** An answer as it would be if nothing had been paid yet, and who gives it. */
type Outlook = { answer: Answer; evaluator: Evaluator };

const dependsOnStanding = ({ decision }: Answer): boolean => mayPay.has(decision.outcome);

/** What each campaign would decide if nothing had been paid yet. */
function lookAt({ interaction, facts, campaigns }: Question, attribute: Attribute): Outlook[] {
    return campaigns.map(({ campaign, version }) => {
        const evaluator = evaluatorOf(version, attribute);
        const decision = evaluator.decide(facts, noStanding);
        const evaluationId: EvaluationId = newId();
        const { asset } = facts;
        const answer = { interaction, facts, asset, campaign, version, evaluationId, decision };
        return { answer, evaluator };
    });
}

/** Who would owe nothing in any case has decided already. */
function decided({ answer, evaluator }: Outlook, book: StandingBook, at: Date): Answer {
    if (!dependsOnStanding(answer)) return answer;
    const standing = book.standing(asGoverned(answer), at);
    return { ...answer, decision: evaluator.decide(answer.facts, standing) };
}

/** Those that give way to another pay nothing, and say to whom. */
function ranking(answers: Answer[], facts: Facts): Answer[] {
    const matches = answers.flatMap(({ campaign, decision }) => {
        const rewards = decision.queued?.rewards ?? decision.rewards;
        const { id: campaignId, stacking } = campaign;
        return rewards.length > 0 ? [{ campaignId, stacking, rewards }] : [];
    });
    const gone = outranked(matches, facts);
    if (gone !== "unpriced" && gone.size === 0) return answers;
    return answers.map((answer) => {
        if (gone === "unpriced") {
            const isBest = answer.campaign.stacking === "best";
            return isBest ? withdrawn(answer, "deferred") : answer;
        }
        const by = gone.get(answer.campaign.id);
        const { stacking: rule } = answer.campaign;
        return by ? withdrawn(answer, "notMatched", { rule, outrankedBy: by }) : answer;
    });
}

function withdrawn(
    answer: Answer,
    outcome: Outcome,
    outrankedBy?: Trace["stacking"][number]
): Answer {
    const { trace } = answer.decision;
    const untaken = <Row extends { before: string }>(row: Row): Row => ({
        ...row,
        taken: "0",
        after: row.before,
    });
    return {
        ...answer,
        decision: {
            outcome,
            rewards: [],
            taken: [],
            caps: [],
            trace: {
                ...trace,
                rewards: [],
                limits: trace.limits.map(untaken),
                budgets: trace.budgets.map(untaken),
                stacking: outrankedBy ? [outrankedBy] : [],
            },
        },
    };
}

/** An interaction is decided as a whole: when one campaign lacks a price, the others wait with it. */
export function deferredOf(answers: readonly Answer[]): Map<InteractionId, string> {
    const deferred = answers.filter(({ decision }) => decision.outcome === "deferred");
    return new Map(
        deferred.map(({ interaction, campaign }) => [
            interaction.id,
            `deferred: no price is known for what "${campaign.name}" pays`,
        ])
    );
}
