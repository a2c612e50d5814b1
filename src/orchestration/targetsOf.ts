import type { Redecided } from "@/domain/campaign";
import type { Returned, Reward, RewardChange } from "@/domain/rewards";
import type { EvaluationId } from "@/utils/ids";
import type { Owed } from "./RewardGrantService";

/** What rewards there are become, what is owed besides, and what of that evaluations take which took before. */
export type Targets = { changes: RewardChange[]; grants: Owed[]; taken: Returned[] };
type Due = Redecided["rewards"][number];
type Granted = ReadonlyMap<EvaluationId, readonly Reward[]>;

export function targetsOf(redecided: readonly Redecided[], granted: readonly Reward[]): Targets {
    const byEvaluation: Granted = Map.groupBy(granted, ({ evaluationId }) => evaluationId);
    const targets = redecided.map((one) => targetOf(one, byEvaluation.get(one.evaluationId) ?? []));
    return {
        changes: targets.flatMap(({ changes }) => changes),
        grants: targets.flatMap(({ grants }) => grants),
        taken: targets.flatMap(({ taken }) => taken),
    };
}

/** What of it stands in a line is no reward yet: it is looked at again when its turn comes. */
function targetOf(one: Redecided, granted: readonly Reward[]): Targets {
    const { isLate, rewards, evaluationId, added } = one;
    if (isLate) {
        const isQueued = added?.answer.decision.queued !== undefined;
        return { changes: [], grants: isQueued ? [] : [owedBy(one, rewards, 0)], taken: [] };
    }
    if (granted.length === 0) return { changes: [], grants: [], taken: [] };
    const due = Map.groupBy(rewards, nameOf);
    const changes = granted.map((reward) =>
        changeOf(reward, due.get(nameOf(reward))?.shift()?.amount ?? 0n)
    );
    const more = [...due.values()].flat().filter((reward) => !isOwn(one, reward));
    if (more.length === 0) return { changes, grants: [], taken: [] };
    const taken = more.map(({ kind, amount }) => ({ evaluationId, asset: kind, amount: -amount }));
    return { changes, grants: [owedBy(one, more, lastOf(granted) + 1)], taken };
}

type Named = Pick<Reward, "recipient" | "groupId" | "chainDepth"> & {
    kind?: string;
    asset?: string;
};
const nameOf = ({ recipient, groupId, chainDepth, kind, asset }: Named): string =>
    [recipient, groupId, chainDepth, kind ?? asset].join();

/** Whoever turned out to be who brought them begins to earn nothing by it. */
const isOwn = ({ sketch: { facts } }: Redecided, { recipient, groupId }: Due): boolean =>
    recipient === "referrer" && groupId === facts.actor;

const lastOf = (granted: readonly Reward[]): number =>
    Math.max(...granted.map(({ ordinal }) => ordinal));

const changeOf = (reward: Reward, amount: bigint): RewardChange => ({
    evaluationId: reward.evaluationId,
    recipient: reward.recipient,
    depth: reward.chainDepth,
    ordinal: reward.ordinal,
    amount,
    reason: "refunded",
    purchaseId: reward.purchaseId,
});

const owedBy = (
    { sketch: { decided, look, facts }, evaluationId }: Redecided,
    rewards: readonly Due[],
    firstOrdinal: number
): Owed => ({
    interaction: decided.interaction,
    purchaseId: decided.purchaseId,
    campaignId: look.campaign.id,
    version: look.version,
    evaluationId,
    asset: facts.asset,
    rewards,
    firstOrdinal,
});
