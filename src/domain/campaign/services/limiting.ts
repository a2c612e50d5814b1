import { scaled } from "@/utils/decimal";
import type { GroupId } from "@/utils/ids";
import { decimalsOf } from "./amounts";
import type { CapTaking, DueReward } from "./decision";
import type { AssetKind, Definition, Limits } from "./definition";
import type { CapName, CapOf, Facts, Standing } from "./facts";
import type { LimitTrace } from "./trace";

/** A limit as it was met with, and what is taken of it now. */
export type Applied = CapTaking & { limit: bigint; before: bigint };
export type Limited = { rewards: DueReward[]; caps: CapTaking[]; applied: Applied[] };
export type Limiter = (rewards: readonly DueReward[], facts: Facts, standing: Standing) => Limited;

type Cap = { name: CapName; kind: AssetKind; limitOf: (facts: Facts) => bigint };

/**
 * Limits as one function over what would be paid. A person who used up a count gets nothing more: of the actor's
 * own that ends the matter for everybody, of a referrer's for that referrer. An amount is paid to its last unit.
 */
export function compileLimits(definition: Definition): Limiter {
    const caps = capsOf(definition);
    return (rewards, facts, standing) => {
        const limited: Limiting = { rewards: [...rewards], applied: [] };
        for (const cap of caps) apply(cap, limited, { facts, standing });
        const taken = limited.rewards.length === 0 ? [] : limited.applied.filter(isTaken);
        return { ...limited, caps: taken.map(asTaking) };
    };
}

/** What a limit or a budget that names no asset is of: the tokens, unless nothing is paid in tokens. */
export const defaultKind = ({ rewards }: Definition): AssetKind =>
    rewards.some(({ asset }) => asset === "token") ? "token" : (rewards[0]?.asset ?? "token");

function capsOf(definition: Definition): Cap[] {
    const { perUser, perUserPeriod, perReferrer } = definition.limits ?? {};
    return [
        ...capsUnder("perUser", perUser, definition),
        ...capsUnder("perUserPeriod", perUserPeriod, definition),
        ...capsUnder("perReferrer", perReferrer, definition),
    ];
}

function capsUnder(
    name: "perUser" | "perUserPeriod" | "perReferrer",
    limit: NonNullable<Limits["perUser"]> | undefined,
    definition: Definition
): Cap[] {
    const { count, amount } = limit ?? {};
    const kind = limit?.asset ?? defaultKind(definition);
    const caps: Cap[] = [];
    if (count !== undefined) {
        const limit = BigInt(count);
        caps.push({ name: `${name}.count`, kind, limitOf: () => limit });
    }
    if (amount !== undefined) {
        const limitOf = (facts: Facts) =>
            scaled(amount, decimalsOf(kind, facts.asset.decimals, facts.purchase?.currency));
        caps.push({ name: `${name}.amount`, kind, limitOf });
    }
    return caps;
}

const isTaken = ({ amount }: Applied): boolean => amount > 0n;
const asTaking = ({ name, groupId, amount }: Applied): CapTaking => ({ name, groupId, amount });

type Situation = { facts: Facts; standing: Standing };
type Limiting = Pick<Limited, "rewards" | "applied">;

function apply(cap: Cap, limited: Limiting, situation: Situation): void {
    const isCount = cap.name.endsWith(".count");
    for (const groupId of whoseCap(cap, limited.rewards, situation.facts)) {
        if (isCount) applyCount(cap, groupId, { limited, ...situation });
        else applyAmount(cap, groupId, { limited, ...situation });
    }
}

function whoseCap({ name }: Cap, rewards: readonly DueReward[], { actor }: Facts): GroupId[] {
    if (rewards.length === 0) return [];
    if (!name.startsWith("perReferrer")) return [actor];
    const referrers = rewards.filter(({ recipient }) => recipient === "referrer");
    return [...new Set(referrers.map(({ groupId }) => groupId))];
}

type Application = Situation & { limited: Limiting };

function applyCount(cap: Cap, groupId: GroupId, { limited, facts, standing }: Application): void {
    const limit = cap.limitOf(facts);
    const before = standing.caps.get({ name: cap.name, groupId }) ?? 0n;
    const taken = before < limit ? 1n : 0n;
    limited.applied.push({ name: cap.name, groupId, limit, before, amount: taken });
    if (taken > 0n) return;
    const isReferrers = cap.name.startsWith("perReferrer");
    limited.rewards = isReferrers
        ? limited.rewards.filter((reward) => !isReferrerOf(reward, groupId))
        : [];
}

function applyAmount(cap: Cap, groupId: GroupId, { limited, facts, standing }: Application): void {
    const limit = cap.limitOf(facts);
    const before = standing.caps.get({ name: cap.name, groupId }) ?? 0n;
    let left = before < limit ? limit - before : 0n;
    let taken = 0n;
    limited.rewards = limited.rewards.flatMap((reward) => {
        if (!isUnder({ name: cap.name, groupId }, cap.kind, reward)) return [reward];
        const amount = reward.amount < left ? reward.amount : left;
        left -= amount;
        taken += amount;
        return amount > 0n ? [{ ...reward, amount }] : [];
    });
    limited.applied.push({ name: cap.name, groupId, limit, before, amount: taken });
}

function isUnder({ name, groupId }: CapOf, kind: AssetKind, reward: DueReward): boolean {
    if (reward.kind !== kind) return false;
    return name.startsWith("perReferrer")
        ? isReferrerOf(reward, groupId)
        : reward.recipient !== "referrer" && reward.groupId === groupId;
}

/** What is taken from caps for what is left of rewards: times as they were, amounts as far as they are paid. */
export function capsLeft(
    definition: Definition,
    rewards: readonly DueReward[],
    caps: readonly CapTaking[]
): CapTaking[] {
    if (rewards.length === 0) return [];
    const kinds = new Map(capsOf(definition).map(({ name, kind }) => [name, kind]));
    return caps.flatMap((cap) => {
        const kind = kinds.get(cap.name);
        if (!kind || cap.name.endsWith(".count")) return [cap];
        const amount = rewards
            .filter((reward) => isUnder(cap, kind, reward))
            .reduce((sum, reward) => sum + reward.amount, 0n);
        return amount > 0n ? [{ ...cap, amount }] : [];
    });
}

const isReferrerOf = ({ recipient, groupId }: DueReward, group: GroupId): boolean =>
    recipient === "referrer" && groupId === group;

export const limitTrace = ({ name, groupId, limit, before, amount }: Applied): LimitTrace => ({
    name,
    of: groupId,
    limit: `${limit}`,
    before: `${before}`,
    taken: `${amount}`,
    after: `${before + amount}`,
});
