import { sharesOf } from "@/domain/attribution";
import {
    type Answer,
    deferredOf,
    type EvaluationService,
    type Governed,
    type Interaction,
    type InteractionService,
    type Needs,
    type Question,
} from "@/domain/campaign";
import type { IdentityService } from "@/domain/identity";
import type { Database } from "@/infrastructure/persistence/Database";
import { drain } from "@/infrastructure/queue/drain";
import type { InteractionId, PurchaseId } from "@/utils/ids";
import type { FactsService } from "./FactsService";
import type { PurchaseRevisionService } from "./PurchaseRevisionService";
import type { Owed, RewardGrantService } from "./RewardGrantService";

const batchSize = 200;

/** Turns what people did into what they are owed. */
export class InteractionEvaluationOrchestrator {
    constructor(
        private readonly db: Database,
        private readonly interactions: InteractionService,
        private readonly identities: IdentityService,
        private readonly facts: FactsService,
        private readonly evaluations: EvaluationService,
        private readonly owing: { granting: RewardGrantService; revisions: PurchaseRevisionService }
    ) {}

    async evaluateDue(): Promise<void> {
        await drain<Interaction>(this.db, {
            batchSize,
            take: (limit, only) => this.take(limit, only),
            work: (open) => this.evaluate(open),
            postpone: ({ id }, reason) => this.interactions.postpone(id, reason),
        });
    }

    /** People are held before what they did is locked, so that a merge of theirs waits for us or we for it. */
    private async take(limit: number, only?: readonly Interaction[]): Promise<Interaction[]> {
        const due = only ?? (await this.interactions.findDue(limit));
        await this.identities.hold(due.map(({ groupId }) => groupId));
        return this.interactions.lockOpen(due.map(({ id }) => id));
    }

    private async evaluate(open: readonly Interaction[]): Promise<void> {
        // Before budgets are locked, because whoever gives back to them holds the books already.
        await this.owing.granting.holdBooks(open.map(({ merchantId }) => merchantId));
        const { governed, needs } = await this.evaluations.findGoverning(open);
        const questions = await this.gather(governed, needs);
        const answers = await this.evaluations.decide(questions, sharesOf);
        const deferred = deferredOf(answers);
        const decided = answers.filter(({ interaction }) => !deferred.has(interaction.id));
        const at = await this.evaluations.record(decided);
        const owed = decided.map(owedBy);
        await this.owing.granting.grant(
            owed.filter(({ rewards }) => rewards.length > 0),
            at
        );
        await this.owing.revisions.catchUp([
            ...new Set(owed.flatMap(({ purchaseId }) => purchaseId ?? [])),
        ]);
        await this.close(open, deferred);
    }

    /** Whom it may be owed to is held before budgets and caps are; whoever was merged meanwhile is read again. */
    private async gather(governed: readonly Governed[], needs: Needs): Promise<Question[]> {
        const questions = await this.facts.gather(governed, needs);
        const people = questions.flatMap(({ facts }) => [
            ...facts.touches.flatMap(({ referrerGroupId }) => referrerGroupId ?? []),
            ...[...facts.chains.values()].flat(),
        ]);
        const live = await this.identities.hold([...new Set(people)]);
        const isSame = [...live].every(([id, leadsTo]) => id === leadsTo);
        return isSame ? questions : this.facts.gather(governed, needs);
    }

    private async close(
        open: readonly Interaction[],
        deferred: ReadonlyMap<InteractionId, string>
    ): Promise<void> {
        const ids = open.map(({ id }) => id);
        await this.interactions.markEvaluated(ids.filter((id) => !deferred.has(id)));
        for (const [id, reason] of deferred) await this.interactions.postpone(id, reason);
    }
}

const owedBy = ({
    interaction,
    campaign,
    version,
    evaluationId,
    asset,
    decision,
}: Answer): Owed => ({
    interaction,
    purchaseId: interaction.trigger === "purchase" ? (interaction.subject as PurchaseId) : null,
    campaignId: campaign.id,
    version,
    evaluationId,
    asset,
    rewards: decision.rewards,
    firstOrdinal: 0,
});
