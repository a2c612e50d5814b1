import { sharesOf } from "@/domain/attribution";
import type {
    BudgetRepository,
    DecisionService,
    NetPurchase,
    Redecided,
    RedecisionService,
} from "@/domain/campaign";
import { factsOf, peopleIn } from "@/domain/campaign";
import type { IdentityService } from "@/domain/identity";
import type { Net, NetLine, Purchase, PurchaseService } from "@/domain/purchases";
import type { Returned, RewardService } from "@/domain/rewards";
import type { PurchaseId } from "@/utils/ids";
import type { RewardGrantService } from "./RewardGrantService";
import { type Targets, targetsOf } from "./targetsOf";

type Decisions = { made: DecisionService; again: RedecisionService };
type Left = NetPurchase | "gone";

/**
 * What was earned by a purchase follows what is left of it: decided again for the net order under the versions, the
 * prices and the arrivals of the first decision, by every campaign that looked at it then. Order, edits and refunds,
 * whatever came first, end in the same amounts, as far as others left room for what became more.
 */
export class PurchaseRevisionService {
    constructor(
        private readonly purchases: PurchaseService,
        private readonly decisions: Decisions,
        private readonly identities: IdentityService,
        private readonly rewards: RewardService,
        private readonly budgets: BudgetRepository,
        private readonly granting: RewardGrantService
    ) {}

    /** Must be called in the transaction that changed the purchases. Saying the same twice changes nothing. */
    async revise(purchases: readonly Purchase[]): Promise<void> {
        const decided = await this.decisions.made.findDecided(purchases);
        if (decided.length === 0) return;
        const left = await this.leftOf(purchases);
        const people = decided.flatMap(({ snapshot }) => peopleIn(factsOf(snapshot)));
        const live = await this.identities.hold([...new Set(people)]);
        const sketches = this.decisions.again.sketch(
            decided.map((one) => ({ decided: one, net: left.get(one.purchaseId) ?? "gone", live })),
            sharesOf
        );
        // Rewards before books, and books before budgets, here as everywhere.
        const granted = await this.rewards.lockGranted(
            sketches.flatMap(({ look }) => look.evaluationId ?? []),
            sketches.flatMap(({ growing, look }) => (growing ? look.campaign.merchantId : []))
        );
        const redecided = await this.decisions.again.decide(sketches, sharesOf);
        await this.apply(redecided, targetsOf(redecided, granted));
    }

    /** For who decided on purchases as they were: those of which less is left by now. */
    async catchUp(ids: readonly PurchaseId[]): Promise<void> {
        const purchases = await this.purchases.findMany(ids);
        await this.revise(purchases.filter(({ status }) => status !== "confirmed"));
    }

    /** For who owes from now on what was decided about purchases some time ago. */
    async bringUpToDate(ids: readonly PurchaseId[]): Promise<void> {
        await this.revise(await this.purchases.findMany(ids));
    }

    private async apply(
        redecided: readonly Redecided[],
        { changes, grants, taken }: Targets
    ): Promise<void> {
        const returned: Returned[] = await this.rewards.revise(changes);
        await this.budgets.giveBack([...returned, ...taken]);
        const at = await this.decisions.again.record(redecided);
        await this.granting.grant(grants, at);
    }

    private async leftOf(purchases: readonly Purchase[]): Promise<Map<PurchaseId, Left>> {
        const nets = await this.purchases.netsOf(purchases);
        return new Map(purchases.map((one) => [one.id, leftOf(one, nets.get(one.id))]));
    }
}

function leftOf(purchase: Purchase, net: Net | undefined): Left {
    const { status, discount, shipping, tax, isTest, codes } = purchase;
    if (!net || status === "refunded" || status === "cancelled") return "gone";
    return {
        discount,
        shipping,
        tax,
        isTest,
        discountCodes: codes.length > 0 ? codes : undefined,
        total: net.total,
        subtotal: net.subtotal,
        lines: net.lines.flatMap(asLine),
    };
}

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
