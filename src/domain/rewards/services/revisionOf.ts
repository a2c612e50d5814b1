import type { Reward } from "../db/schema";
import type { Place } from "../repositories/LedgerRepository";

/** The reason that an order was refunded for: what was cancelled for it comes back when the refund does. */
export const refunded = "refunded";

/** How a reward changes, in base units, and what of it moves in the books from where to where. */
export type Step = {
    reward: Reward;
    change: bigint;
    movement: { from: Place; to: Place; amount: bigint } | undefined;
};
/** `more` is what is owed besides, when no part of the reward is open to take it. */
export type Revision = { steps: Step[]; more: bigint; debt: bigint };

const open = new Set<Reward["status"]>(["pending", "available", "waitsForFunds"]);

/**
 * From what the parts of a reward owe together to the new target. Less is taken from what is not paid yet, the
 * latest part first, then becomes a debt; more pays the debt back first. What is being paid changes in the books when
 * its payment has ended. What expired, was used or was cancelled for a reason of its own stays as it is.
 */
export function revisionOf(parts: readonly Reward[], target: bigint, debt: bigint): Revision {
    const owed = parts.filter(isCounted).reduce((sum, { amount }) => sum + amount, 0n);
    const latestFirst = parts.toSorted((one, other) => other.part - one.part);
    return target < owed
        ? less(latestFirst, owed - target, debt)
        : more(latestFirst, target - owed, debt);
}

const isCounted = ({ status, reason, amount }: Reward): boolean =>
    status !== "cancelled" || (amount > 0n && reason !== refunded);

function less(parts: readonly Reward[], needed: bigint, debt: bigint): Revision {
    const steps: Step[] = [];
    let left = needed;
    let owes = debt;
    for (const reward of parts.toSorted((one, other) => rank(one) - rank(other))) {
        const taken = smaller(left, reward.amount);
        if (taken === 0n || rank(reward) > 2) continue;
        left -= taken;
        if (reward.status === "settled") owes += taken;
        steps.push({ reward, change: -taken, movement: movementOf(reward, -taken) });
    }
    return { steps, more: 0n, debt: owes };
}

function more(parts: readonly Reward[], needed: bigint, debt: bigint): Revision {
    const steps: Step[] = [];
    let left = needed;
    let owes = debt;
    for (const reward of parts) {
        const given = smaller(left, roomIn(reward, owes));
        if (given === 0n) continue;
        left -= given;
        if (reward.status === "settled") owes -= given;
        steps.push({ reward, change: given, movement: movementOf(reward, given) });
    }
    const first = parts.find(({ status }) => open.has(status));
    if (!first || left === 0n) return { steps, more: left, debt: owes };
    steps.push({ reward: first, change: left, movement: movementOf(first, left) });
    return { steps, more: 0n, debt: owes };
}

/** What is not paid yet gives first, then what is being paid, then what was. */
function rank({ status }: Reward): number {
    if (open.has(status)) return 0;
    if (status === "settling") return 1;
    return status === "settled" ? 2 : 3;
}

/** How much of what a refund took from a paid reward can come back to it: no more than is still owed to the merchant. */
function roomIn({ status, gross, amount }: Reward, debt: bigint): bigint {
    const lost = (gross ?? amount) - amount;
    if (status === "settling") return lost;
    return status === "settled" ? smaller(lost, debt) : 0n;
}

function movementOf(reward: Reward, change: bigint): Step["movement"] {
    if (reward.status === "settling" || reward.asset === "discount") return undefined;
    const campaign: Place = { kind: "campaign", owner: reward.campaignId };
    const kind = reward.status === "pending" ? "pending" : "available";
    const theirs: Place = {
        kind: reward.status === "settled" ? "debt" : kind,
        owner: reward.groupId,
    };
    return change < 0n
        ? { from: theirs, to: campaign, amount: -change }
        : { from: campaign, to: theirs, amount: change };
}

const smaller = (one: bigint, other: bigint): bigint => (one < other ? one : other);
