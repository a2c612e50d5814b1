import { sharesOf } from "@/domain/attribution";
import {
    type BudgetRepository,
    type CapRepository,
    type Decided,
    type DecisionService,
    type DueReward,
    decideAgain,
    type NetPurchase,
} from "@/domain/campaign";
import type { IdentityService } from "@/domain/identity";
import type { NetLine, Purchase, PurchaseService } from "@/domain/purchases";
import type { Returned, Reward, RewardChange, RewardService } from "@/domain/rewards";
import type { PurchaseId } from "@/utils/ids";

type Net = NetPurchase | "gone";
type Owed = { reward: Reward; amount: bigint };

/**
 * What was earned by a purchase follows what is left of it: decided again for the net order under the version, the
 * prices and the arrivals of the first decision. Order and refunds, whatever came first, end in the same amounts.
 */
export class PurchaseRevisionService {
    constructor(
        private readonly purchases: PurchaseService,
        private readonly decisions: DecisionService,
        private readonly identities: IdentityService,
        private readonly rewards: RewardService,
        private readonly budgets: BudgetRepository,
        private readonly caps: CapRepository
    ) {}

    /** Must be called in the transaction that changed the purchases. Saying the same twice changes nothing. */
    async revise(purchases: readonly Purchase[]): Promise<void> {
        const decided = await this.decisions.findDecided(purchases.map(({ id }) => id));
        if (decided.length === 0) return;
        const nets = await this.netsOf(purchases);
        const targets = decided.map((one) => ({ decided: one, due: dueOf(one, nets) }));
        const owed = await this.matched(targets);
        const changes = owed.map(asChange);
        const returned = await this.rewards.revise(changes);
        await this.budgets.giveBack(returned);
        await this.freeCaps(owed, returned);
    }

    /** For who decided on purchases as they were: those of which less is left by now. */
    async catchUp(ids: readonly PurchaseId[]): Promise<void> {
        const purchases = await this.purchases.findMany(ids);
        await this.revise(purchases.filter(({ status }) => status !== "confirmed"));
    }

    private async netsOf(purchases: readonly Purchase[]): Promise<Map<PurchaseId, Net>> {
        const nets = await this.purchases.netsOf(purchases);
        return new Map(
            purchases.map((purchase) => {
                const net = nets.get(purchase.id);
                const isGone = purchase.status === "refunded" || purchase.status === "cancelled";
                return [
                    purchase.id,
                    isGone || !net ? "gone" : { ...net, lines: net.lines.flatMap(asLine) },
                ];
            })
        );
    }

    /** Each reward that was granted, with what it is to be now; people are known by who they are now. */
    private async matched(
        targets: readonly { decided: Decided; due: DueReward[] }[]
    ): Promise<Owed[]> {
        const granted = await this.rewards.findGranted(
            targets.map(({ decided }) => decided.evaluationId)
        );
        const people = targets.flatMap(({ due }) => due.map(({ groupId }) => groupId));
        const live = await this.identities.hold([...new Set(people)]);
        const nameOfDue = ({ evaluationId }: Decided, one: DueReward) =>
            [
                evaluationId,
                one.recipient,
                live.get(one.groupId) ?? one.groupId,
                one.chainDepth,
                one.kind,
            ].join();
        const amounts = Map.groupBy(
            targets.flatMap(({ decided, due }) =>
                due.map((one) => ({ name: nameOfDue(decided, one), amount: one.amount }))
            ),
            ({ name }) => name
        );
        return granted.map((reward) => {
            const amount = amounts.get(nameOfGranted(reward))?.shift()?.amount ?? 0n;
            return { reward, amount };
        });
    }

    /** Whose every reward of an evaluation is gone was not paid: they may be once more. */
    private async freeCaps(owed: readonly Owed[], returned: readonly Returned[]): Promise<void> {
        const lost = new Set(
            returned.filter(({ amount }) => amount > 0n).map(({ evaluationId }) => evaluationId)
        );
        const byEvaluation = Map.groupBy(owed, ({ reward }) => reward.evaluationId);
        await this.caps.giveBack(
            [...byEvaluation]
                .filter(([id, all]) => lost.has(id) && all.every(({ amount }) => amount === 0n))
                .map(([evaluationId, all]) => ({ evaluationId, rewards: all.length }))
        );
    }
}

function dueOf(decided: Decided, nets: ReadonlyMap<PurchaseId, Net>): DueReward[] {
    const net = nets.get(decided.purchaseId);
    if (!net || net === "gone") return [];
    return decideAgain(decided.past, sharesOf, net);
}

const nameOfGranted = (reward: Reward): string =>
    [reward.evaluationId, reward.recipient, reward.groupId, reward.chainDepth, reward.asset].join();

const asChange = ({ reward, amount }: Owed): RewardChange => ({
    evaluationId: reward.evaluationId,
    recipient: reward.recipient,
    depth: reward.chainDepth,
    ordinal: reward.ordinal,
    amount,
    reason: "refunded",
    purchaseId: reward.purchaseId,
});

function asLine({ netQuantity, netTotal, ...line }: NetLine) {
    if (netQuantity <= 0) return [];
    const { productId, variantId, sku, title, unitPrice } = line;
    return [
        {
            ...(productId !== null && { productId }),
            ...(variantId !== null && { variantId }),
            ...(sku !== null && { sku }),
            title,
            quantity: netQuantity,
            unitPrice,
            total: netTotal,
        },
    ];
}
