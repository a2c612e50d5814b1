import type { GroupId, MerchantId, PurchaseId } from "@/utils/ids";
import { newId, type RewardId } from "@/utils/ids";
import { type Clock, later } from "@/utils/time";
import type { Reward } from "../db/schema";
import type { LedgerEntry, LedgerRepository } from "../repositories/LedgerRepository";
import type { Adjustment, RevisionRepository } from "../repositories/RevisionRepository";
import type { GrantedReward, RewardKey, RewardRepository } from "../repositories/RewardRepository";
import { type Revision, revisionOf } from "./revisionOf";

/** What a reward of a decision is to owe from now on, all of its parts together, in base units. */
export type RewardChange = {
    evaluationId: Reward["evaluationId"];
    recipient: Reward["recipient"];
    depth: number;
    /** Its place among what its evaluation owes; 0 where that is one reward of a kind. */
    ordinal?: number;
    amount: bigint;
    reason: string;
    purchaseId: PurchaseId | null;
    /** What caused it: the same cause changes a reward once, whatever it asks for. Without one each call counts. */
    revision?: string;
};
/** What a campaign's budgets get back; below zero when more was taken. */
export type Returned = Pick<Reward, "evaluationId" | "asset" | "amount">;
type Planned = Revision & { change: RewardChange; revision: string; template: Reward };

export class RevisionService {
    constructor(
        private readonly rewards: RewardRepository,
        private readonly revisions: RevisionRepository,
        private readonly ledger: LedgerRepository,
        private readonly clock: Clock
    ) {}

    /**
     * Has rewards owe the new amounts, to the base unit, in one transaction with the books. Changes of rewards that
     * do not exist are left out. Must be called in a transaction that holds no rewards and no budgets yet.
     */
    async revise(changes: readonly RewardChange[]): Promise<Returned[]> {
        if (changes.length === 0) return [];
        const rewards = await this.lock(changes.map(keyOf), []);
        const parts = Map.groupBy(rewards, nameOf);
        const fresh = await this.withoutKnown(changes, parts);
        const debts = await this.debtsOf(rewards);
        const planned = fresh.flatMap((change) => plan(change, parts, debts));
        return this.apply(planned);
    }

    /** These with all of their parts, then the books that they are in and those of these merchants. */
    async lock(keys: readonly RewardKey[], merchantIds: readonly MerchantId[]): Promise<Reward[]> {
        if (keys.length > 0) await this.rewards.holdOwners(keys);
        const rewards = keys.length > 0 ? await this.rewards.lock(keys) : [];
        const theirs = rewards.map(({ merchantId }) => merchantId);
        await this.ledger.hold([...new Set([...theirs, ...merchantIds])]);
        return rewards;
    }

    private async withoutKnown(
        changes: readonly RewardChange[],
        parts: ReadonlyMap<string, Reward[]>
    ): Promise<RewardChange[]> {
        const causes = changes.flatMap(({ revision, ...change }) =>
            revision === undefined
                ? []
                : (parts.get(nameOf(keyOf(change))) ?? []).map(({ id }) => ({
                      rewardId: id,
                      revision,
                  }))
        );
        const known = await this.revisions.findKnown(causes);
        return changes.filter(({ revision, ...change }) =>
            (parts.get(nameOf(keyOf(change))) ?? []).every(
                ({ id }) => !known.has(`${id}:${revision}`)
            )
        );
    }

    private async debtsOf(rewards: readonly Reward[]): Promise<Map<string, bigint>> {
        const debts = await this.ledger.debtsOf(
            [...new Set(rewards.map(({ merchantId }) => merchantId))],
            [...new Set(rewards.map(({ groupId }) => groupId))]
        );
        return new Map(debts.map((debt) => [debtorOf(debt), debt.amount]));
    }

    private async apply(planned: readonly Planned[]): Promise<Returned[]> {
        const now = this.clock.now();
        const added = planned.filter(({ more }) => more > 0n).map((one) => partOf(one, now));
        const adjustments = planned.flatMap(adjustmentsOf);
        await this.revisions.apply(adjustments, now);
        await this.ledger.post(planned.flatMap(entriesOf), now);
        await this.rewards.insertAll(added, now);
        return planned.map(({ steps, more, template }) => ({
            evaluationId: template.evaluationId,
            asset: template.asset,
            amount: -steps.reduce((sum, { change }) => sum + change, more),
        }));
    }
}

const keyOf = (change: Omit<RewardChange, "revision">): RewardKey => ({
    evaluationId: change.evaluationId,
    recipient: change.recipient,
    chainDepth: change.depth,
    ordinal: change.ordinal ?? 0,
});
const nameOf = ({ evaluationId, recipient, chainDepth, ordinal }: RewardKey): string =>
    `${evaluationId}:${recipient}:${chainDepth}:${ordinal}`;
const debtorOf = (of: { merchantId: string; groupId: GroupId; token: string }): string =>
    `${of.merchantId}:${of.groupId}:${of.token.toLowerCase()}`;

/** Also notes what it makes of the debt, for the changes after it. */
function plan(
    change: RewardChange,
    parts: ReadonlyMap<string, Reward[]>,
    debts: Map<string, bigint>
): Planned[] {
    const ofKey = parts.get(nameOf(keyOf(change))) ?? [];
    const template = ofKey.at(-1);
    if (!template) return [];
    const debtor = debtorOf(template);
    const revision = revisionOf(ofKey, change.amount, debts.get(debtor) ?? 0n);
    debts.set(debtor, revision.debt);
    return [{ ...revision, change, revision: change.revision ?? newId(), template }];
}

const adjustmentsOf = ({ steps, change, revision }: Planned): Adjustment[] =>
    steps.map((step) => ({
        id: newId(),
        rewardId: step.reward.id,
        revision,
        change: step.change,
        reason: change.reason,
        purchaseId: change.purchaseId,
    }));

const entriesOf = ({ steps, change, revision }: Planned): LedgerEntry[] =>
    steps.flatMap(({ reward, movement }) =>
        movement
            ? [
                  {
                      ...movement,
                      merchantId: reward.merchantId,
                      asset: reward.asset === "points" ? reward.asset : reward.token.toLowerCase(),
                      kind: "revised",
                      rewardId: reward.id,
                      purchaseId: change.purchaseId,
                      key: `revised:${reward.id}:${revision}`,
                  },
              ]
            : []
    );

/** A further part, with the life that the reward had; a lock-up that is over is over for it too. */
function partOf({ template, more, change }: Planned, now: Date): GrantedReward {
    const { availableAt, expiresAt } = template;
    const isLocked = availableAt > now;
    const life = expiresAt ? expiresAt.getTime() - availableAt.getTime() : undefined;
    const begins = isLocked ? availableAt : now;
    return {
        ...template,
        id: newId<RewardId>(),
        part: template.part + 1,
        purchaseId: change.purchaseId ?? template.purchaseId,
        code: template.code === null ? null : `${template.code}-${template.part + 1}`,
        amount: more,
        originalAmount: more,
        status: isLocked ? "pending" : "available",
        availableAt: begins,
        expiresAt: life === undefined ? null : later(begins, life),
        createdAt: now,
    };
}
