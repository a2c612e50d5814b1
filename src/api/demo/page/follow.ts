import { moneyText } from "./amounts";
import { ask } from "./ask";
import type { Decision } from "./Decision";
import type { Payout } from "./Payout";
import { problemText } from "./problemText";
import type { Evaluation, Order, Reward } from "./shapes";
import type { Timeline } from "./Timeline";

/** Where what happens to an order is shown. */
export type Board = { timeline: Timeline; decision: Decision; payouts: readonly Payout[] };
type Due = { payout: Payout; reward: Reward };

const pauseMs = 400;

/** Watches an order until it is over for everybody, and shows each change of it. */
export async function follow(deliveryId: string, board: Board): Promise<void> {
    const { timeline, decision } = board;
    const look = async () => lookAt(await ask<Order>(`/demo/orders/${deliveryId}`), timeline);
    const looked = await until(look, timeline);
    if (!looked.decided) return;

    const { decided, purchaseId } = looked;
    if (decided.outcome !== "rewarded") {
        timeline.reach("decided", "Nothing is owed");
        timeline.stop("paid", "Nothing to pay");
        decision.show(decided);
        return;
    }
    const due = await until(() => findDue(purchaseId, decided, board), timeline);
    await showWhy(due, board);
    showEnd(await until(() => findOver(purchaseId, board), timeline), timeline);
}

function showEnd(rewards: readonly Reward[], timeline: Timeline): void {
    const unpaid = rewards.find(({ status }) => status !== "settled");
    const times = rewards.map(({ settledAt }) => settledAt ?? "");
    if (unpaid) timeline.stop("paid", unpaid.reason ?? unpaid.status);
    else timeline.reach("paid", "In their wallets, on chain", times.sort().at(-1));
}

type Looked = { decided: Evaluation; purchaseId: string } | { decided: undefined };

/** What we know of the order; undefined while there is more to come. */
function lookAt({ purchase, ...order }: Order, timeline: Timeline): Looked | undefined {
    timeline.reach("received", "The signed order is stored", order.receivedAt);
    if (order.status === "ignored" || order.status === "dead") {
        timeline.stop("confirmed", order.reason ?? `The order was ${order.status}`);
        return { decided: undefined };
    }
    if (purchase?.status !== "confirmed") return undefined;
    const total = purchase.total ? moneyText(purchase.total) : "";
    const linked = purchase.linkedBy ? "known as Cleo's" : "nobody's yet";
    timeline.reach("confirmed", `Order ${purchase.name}, ${total}, ${linked}`, order.processedAt);
    const [decided] = order.why?.evaluations ?? [];
    return decided && { decided, purchaseId: purchase.id };
}

/** The rewards of all whom the decision owes something. */
async function findDue(
    purchaseId: string,
    { rewards }: Evaluation,
    { payouts }: Board
): Promise<Due[] | undefined> {
    const due = await Promise.all(
        payouts.map(async (payout) => {
            const reward = await payout.person.rewardFor(purchaseId);
            return reward ? [{ payout, reward }] : [];
        })
    );
    return due.flat().length < rewards.length ? undefined : due.flat();
}

/** The reason comes from where any wallet app gets it: the reward's own `why`. */
async function showWhy(due: readonly Due[], { timeline, decision }: Board): Promise<void> {
    const [first] = due;
    if (!first) return;
    const { payout, reward } = first;
    const { evaluations } = await until(() => payout.person.why(reward), timeline);
    if (evaluations[0]) decision.show(evaluations[0]);
    timeline.reach("decided", "Rewards are owed", reward.createdAt);
}

/** The rewards once none of them has a way to go; every look is shown. */
async function findOver(purchaseId: string, { payouts }: Board): Promise<Reward[] | undefined> {
    const looks = await Promise.all(
        payouts.map(async (payout) => {
            const reward = await payout.person.rewardFor(purchaseId);
            return reward ? { reward, isOver: await payout.show(reward) } : undefined;
        })
    );
    const seen = looks.filter((look) => look !== undefined);
    return seen.every(({ isOver }) => isOver) ? seen.map(({ reward }) => reward) : undefined;
}

/** Asks until there is something to say. What goes wrong meanwhile is told, and does not end it. */
async function until<T>(look: () => Promise<T | undefined>, timeline: Timeline): Promise<T> {
    for (;;) {
        try {
            const found = await look();
            timeline.tell("");
            if (found !== undefined) return found;
        } catch (error) {
            timeline.tell(problemText(error));
        }
        await pause();
    }
}

/** Longer while nobody looks: a page that is not seen gets no frames, and asks nothing of the server. */
async function pause(): Promise<void> {
    const over = performance.now() + pauseMs;
    while ((await new Promise(requestAnimationFrame)) < over);
}
