import type { IdentityService, NodeKey } from "@/domain/identity";
import type { MerchantService } from "@/domain/merchant";
import type {
    MissingReward,
    MissingRewardService,
    OrderKey,
    Purchase,
    PurchaseService,
    ShopWebhookService,
} from "@/domain/purchases";
import type { Database } from "@/infrastructure/persistence/Database";
import { ConflictError } from "@/utils/errors";
import type { MerchantId, MissingRewardId, PurchaseId } from "@/utils/ids";
import { type Clock, days, later } from "@/utils/time";
import type { PurchaseConsequenceService } from "./PurchaseConsequenceService";

export type Question = {
    merchantId: MerchantId;
    asker: NodeKey;
    orderId: string;
    purchasedAt: Date | undefined;
    note: string | undefined;
};
export type Decision = {
    merchantId: MerchantId;
    id: MissingRewardId;
    actor: string;
    requestId: string;
    reason: string | undefined;
};
type Services = {
    identities: IdentityService;
    merchants: MerchantService;
    missing: MissingRewardService;
    purchases: PurchaseService;
    webhooks: ShopWebhookService;
    consequences: PurchaseConsequenceService;
};

/** How long the shop may take to tell of an order that its staff has approved already. */
const windowMs = days(30);

/** The desk where somebody asks for a reward that did not come, and the merchant's staff answers. */
export class MissingRewardOrchestrator {
    constructor(
        private readonly db: Database,
        private readonly clock: Clock,
        private readonly to: Services
    ) {}

    /** Throws `MERCHANT_NOT_FOUND`. The same question is asked once until it is answered. */
    async ask({ asker, ...question }: Question): Promise<MissingReward> {
        await this.to.merchants.get(question.merchantId);
        return this.db.transaction(async () => {
            const [groupId] = await this.to.identities.resolve([asker]);
            if (!groupId) throw new Error("Who asks resolves to one person");
            return this.to.missing.ask({ ...question, groupId });
        });
    }

    /**
     * The order becomes the asker's and earns as of its own time, in one transaction with the entry of who said
     * so. Throws `MISSING_REWARD_NOT_FOUND`, `ALREADY_ANSWERED`, `ALREADY_LINKED`, `ORDER_UNKNOWN` and
     * `ORDER_AMBIGUOUS`.
     */
    async approve(
        decision: Decision & { purchaseId: PurchaseId | undefined }
    ): Promise<MissingReward> {
        return this.db.transaction(async () => {
            const asked = await this.to.missing.get(decision.merchantId, decision.id);
            const live = await this.to.identities.hold([asked.groupId]);
            const open = await this.to.missing.lockOpen(decision.merchantId, decision.id);
            const key = await this.orderOf(open, decision.purchaseId);
            const groupId = live.get(open.groupId) ?? open.groupId;
            const purchase = await this.to.purchases.assign(key, groupId);
            await this.to.consequences.follow([purchase]);
            const answer = { ...decision, status: "approved", purchaseId: purchase.id } as const;
            return this.to.missing.answer(open, answer);
        });
    }

    /** Throws `MISSING_REWARD_NOT_FOUND` or `ALREADY_ANSWERED`. */
    async reject(decision: Decision): Promise<MissingReward> {
        return this.db.transaction(async () => {
            const open = await this.to.missing.lockOpen(decision.merchantId, decision.id);
            const answer = { ...decision, status: "rejected", purchaseId: null } as const;
            return this.to.missing.answer(open, answer);
        });
    }

    private async orderOf(open: MissingReward, chosen: PurchaseId | undefined): Promise<OrderKey> {
        const named = await this.to.purchases.findNamed(open.merchantId, bare(open.orderId));
        const known = named.filter(({ id }) => chosen === undefined || id === chosen);
        const exact = known.filter(({ externalId }) => externalId === bare(open.orderId));
        const [order, another] = exact.length > 0 ? exact : known;
        if (another) throw ambiguous(known);
        if (order) return keyOf(order);
        return this.expected(open);
    }

    /** The shop has not told of it. It may yet, while it is new. */
    private async expected(open: MissingReward): Promise<OrderKey> {
        const [platform] = await this.to.webhooks.platformsOf(open.merchantId);
        const isRecent = later(open.purchasedAt ?? open.createdAt, windowMs) > this.clock.now();
        if (!platform || !isRecent) {
            throw new ConflictError("ORDER_UNKNOWN", "The shop never told of this order");
        }
        return { merchantId: open.merchantId, platform, externalId: bare(open.orderId) };
    }
}

const bare = (orderId: string): string => orderId.replace(/^(gid:\/\/shopify\/Order\/|#)/, "");

const keyOf = ({ merchantId, platform, externalId }: Purchase): OrderKey => ({
    merchantId,
    platform,
    externalId,
});

function ambiguous(known: readonly Purchase[]): ConflictError {
    const details = known.map(({ id, externalId }) => ({
        path: "purchaseId",
        message: `${id}: order ${externalId}`,
    }));
    const message = "Several orders have this name; say which by purchaseId";
    return new ConflictError("ORDER_AMBIGUOUS", message, { details });
}
