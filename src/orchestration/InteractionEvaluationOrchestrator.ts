import type { Answer, EvaluationService, Interaction, InteractionService } from "@/domain/campaign";
import type { IdentityService } from "@/domain/identity";
import type { NewReward, RewardService } from "@/domain/rewards";
import type { Database } from "@/infrastructure/persistence/Database";
import { drain } from "@/infrastructure/queue/drain";
import { type InteractionId, newId, type PurchaseId, type RewardId } from "@/utils/ids";
import { days, later, seconds } from "@/utils/time";
import type { FactsService } from "./FactsService";

const batchSize = 200;
const defaultExpiryDays = 60;

/** Turns what people did into what they are owed. */
export class InteractionEvaluationOrchestrator {
    constructor(
        private readonly db: Database,
        private readonly interactions: InteractionService,
        private readonly identities: IdentityService,
        private readonly facts: FactsService,
        private readonly evaluations: EvaluationService,
        private readonly rewards: RewardService
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
        await this.rewards.holdBooks(open.map(({ merchantId }) => merchantId));
        const answers = await this.evaluations.decide(await this.facts.gather(open));
        const deferred = new Set(
            answers.filter(isDeferred).map(({ interaction }) => interaction.id)
        );
        const decided = answers.filter(({ interaction }) => !deferred.has(interaction.id));
        await this.grant(decided, await this.evaluations.record(decided));
        await this.close(open, deferred);
    }

    private async grant(answers: readonly Answer[], createdAt: Date): Promise<void> {
        const rewards = answers.flatMap((answer) => rewardsOf(answer, createdAt));
        if (rewards.length === 0) return;
        const live = await this.identities.hold(rewards.map(({ groupId }) => groupId));
        const wallets = await this.identities.walletsOf([...new Set(live.values())]);
        await this.rewards.grant(
            rewards.map((reward) => {
                const groupId = live.get(reward.groupId) ?? reward.groupId;
                return { ...reward, groupId, wallet: wallets.get(groupId) ?? null };
            })
        );
    }

    private async close(
        open: readonly Interaction[],
        deferred: ReadonlySet<InteractionId>
    ): Promise<void> {
        const ids = open.map(({ id }) => id);
        await this.interactions.markEvaluated(ids.filter((id) => !deferred.has(id)));
        for (const id of deferred)
            await this.interactions.postpone(id, "deferred: no price is known");
    }
}

const isDeferred = ({ decision }: Answer): boolean => decision.outcome === "deferred";

function rewardsOf(
    { interaction, asset, campaign, version, evaluationId, decision }: Answer,
    createdAt: Date
): Omit<NewReward, "wallet">[] {
    const { lockupSeconds = 0, expireAfterDays = defaultExpiryDays } = version.definition;
    const availableAt = later(createdAt, seconds(lockupSeconds));
    return decision.rewards.map(({ recipient, groupId, chainDepth, amount }) => ({
        id: newId<RewardId>(),
        merchantId: interaction.merchantId,
        campaignId: campaign.id,
        campaignVersionId: version.id,
        evaluationId,
        interactionId: interaction.id,
        purchaseId: interaction.subject as PurchaseId,
        groupId,
        recipient,
        chainDepth,
        token: asset.address,
        amount,
        originalAmount: amount,
        status: lockupSeconds > 0 ? "pending" : "available",
        availableAt,
        expiresAt: later(availableAt, days(expireAfterDays)),
        createdAt,
    }));
}
