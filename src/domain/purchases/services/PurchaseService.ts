import type { Lookups } from "@/infrastructure/crypto/Lookups";
import { ForbiddenError, NotFoundError } from "@/utils/errors";
import { type ClaimId, type GroupId, type MerchantId, newId, type PurchaseId } from "@/utils/ids";
import { only } from "@/utils/only";
import { type Clock, days, later } from "@/utils/time";
import type { Platform, Purchase, PurchaseClaim, PurchaseLine } from "../db/schema";
import type { ClaimRepository } from "../repositories/ClaimRepository";
import type {
    PageQuery,
    PurchaseParts,
    PurchaseRepository,
} from "../repositories/PurchaseRepository";
import { awaited } from "./awaited";
import { tokenLookupOf } from "./tokenLookupOf";

export type Claim = {
    merchantId: MerchantId;
    platform: Platform;
    orderId: string;
    token: string;
    groupId: GroupId;
};
export type PurchaseView = PurchaseParts & { purchase: Purchase };

/** How long a claim waits for its order. */
const claimLifetimeMs = days(30);

export class PurchaseService {
    constructor(
        private readonly purchases: PurchaseRepository,
        private readonly claims: ClaimRepository,
        private readonly lookups: Lookups,
        private readonly clock: Clock
    ) {}

    /**
     * "This order is mine." Linked at once when the order is known and the token is its own; kept until the
     * order comes when it is not known yet. Throws `WRONG_TOKEN` only for an order that is known.
     */
    async claim({ merchantId, platform, orderId, token, groupId }: Claim): Promise<Purchase> {
        const key = { merchantId, platform, externalId: orderId };
        await this.purchases.insertNew([awaited(key, this.clock.now())]);
        const purchase = only(await this.purchases.lock([key]));
        const tokenLookup = tokenLookupOf(this.lookups, token);
        if (purchase.status !== "awaited" && !purchase.tokenLookups.includes(tokenLookup)) {
            throw new ForbiddenError("WRONG_TOKEN", "This token is not of this order");
        }
        if (purchase.groupId) return purchase;
        if (purchase.status === "awaited") {
            await this.claims.add(this.newClaim(purchase.id, tokenLookup, groupId));
            return purchase;
        }
        const linked: Purchase = { ...purchase, groupId, linkedBy: "claim" };
        await this.purchases.update([linked]);
        return linked;
    }

    async get(id: PurchaseId): Promise<Purchase> {
        const purchase = await this.purchases.find(id);
        if (!purchase) throw new NotFoundError("PURCHASE_NOT_FOUND", "There is no such purchase");
        return purchase;
    }

    async view(purchase: Purchase): Promise<PurchaseView> {
        return { purchase, ...(await this.purchases.findParts([purchase.id])) };
    }

    findMany(ids: readonly PurchaseId[]): Promise<Purchase[]> {
        return this.purchases.findMany(ids);
    }

    async linesOf(ids: readonly PurchaseId[]): Promise<Map<PurchaseId, PurchaseLine[]>> {
        const { lines } = await this.purchases.findParts(ids);
        return Map.groupBy(lines, ({ purchaseId }) => purchaseId);
    }

    list(
        merchantId: MerchantId,
        page: PageQuery & { externalId: string | undefined }
    ): Promise<Purchase[]> {
        return this.purchases.findOfMerchant(merchantId, page);
    }

    private newClaim(purchaseId: PurchaseId, tokenLookup: string, groupId: GroupId): PurchaseClaim {
        const createdAt = this.clock.now();
        const id = newId<ClaimId>();
        const expiresAt = later(createdAt, claimLifetimeMs);
        return { id, purchaseId, tokenLookup, groupId, createdAt, expiresAt };
    }
}
