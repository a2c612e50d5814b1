import { ConflictError, NotFoundError } from "@/utils/errors";
import {
    type GroupId,
    type MerchantId,
    type MissingRewardId,
    newId,
    type PurchaseId,
} from "@/utils/ids";
import { type Clock, days, later } from "@/utils/time";
import type { MissingReward } from "../db/schema";
import type { MissingRewardRepository } from "../repositories/MissingRewardRepository";

export type Asked = {
    merchantId: MerchantId;
    groupId: GroupId;
    orderId: string;
    purchasedAt: Date | undefined;
    note: string | undefined;
};
export type Answer = {
    status: "approved" | "rejected";
    reason: string | undefined;
    purchaseId: PurchaseId | null;
    actor: string;
    requestId: string;
};

/** What is promised to the person who asks. */
const answerWithinMs = days(7);

export class MissingRewardService {
    constructor(
        private readonly missing: MissingRewardRepository,
        private readonly clock: Clock
    ) {}

    /** The same question, while it is open, is one. */
    async ask({ merchantId, groupId, orderId, purchasedAt, note }: Asked): Promise<MissingReward> {
        const createdAt = this.clock.now();
        return this.missing.open({
            id: newId<MissingRewardId>(),
            merchantId,
            groupId,
            orderId,
            purchasedAt: purchasedAt ?? null,
            note: note ?? null,
            status: "open",
            reason: null,
            purchaseId: null,
            answerDueAt: later(createdAt, answerWithinMs),
            answeredAt: null,
            createdAt,
        });
    }

    /** Nothing is locked. Throws `MISSING_REWARD_NOT_FOUND`. */
    async get(merchantId: MerchantId, id: MissingRewardId): Promise<MissingReward> {
        const found = await this.missing.find(id);
        if (found?.merchantId !== merchantId) throw notFound();
        return found;
    }

    /** Locked until the transaction ends. Throws `MISSING_REWARD_NOT_FOUND` or `ALREADY_ANSWERED`. */
    async lockOpen(merchantId: MerchantId, id: MissingRewardId): Promise<MissingReward> {
        const found = await this.missing.lock(merchantId, id);
        if (!found) throw notFound();
        if (found.status === "open") return found;
        throw new ConflictError("ALREADY_ANSWERED", "This was answered already");
    }

    /** Leaves an entry of who answered what, in the same transaction. */
    async answer(before: MissingReward, answer: Answer): Promise<MissingReward> {
        const { status, actor, requestId, purchaseId } = answer;
        const at = this.clock.now();
        const reason = answer.reason ?? null;
        const after: MissingReward = { ...before, status, reason, purchaseId, answeredAt: at };
        await this.missing.answer(after, {
            missingRewardId: before.id,
            merchantId: before.merchantId,
            actor,
            action: status,
            before: stateOf(before),
            after: stateOf(after),
            requestId,
            at,
        });
        return after;
    }

    listOfMerchant(
        merchantId: MerchantId,
        page: Parameters<MissingRewardRepository["findOfMerchant"]>[1]
    ): Promise<MissingReward[]> {
        return this.missing.findOfMerchant(merchantId, page);
    }

    listOfGroup(
        groupId: GroupId,
        page: { limit: number; before: string | undefined }
    ): Promise<MissingReward[]> {
        return this.missing.findOfGroup(groupId, page);
    }
}

const stateOf = ({ status, reason, purchaseId }: MissingReward) => ({ status, reason, purchaseId });

const notFound = () =>
    new NotFoundError("MISSING_REWARD_NOT_FOUND", "Nobody asked about such a reward here");
