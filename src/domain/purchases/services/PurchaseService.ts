import type { Lookups } from "@/infrastructure/crypto/Lookups";
import { ConflictError, ForbiddenError, NotFoundError } from "@/utils/errors";
import { type ClaimId, type GroupId, type MerchantId, newId, type PurchaseId } from "@/utils/ids";
import { only } from "@/utils/only";
import { type Clock, days, later } from "@/utils/time";
import type { Platform, Purchase, PurchaseClaim, PurchaseLine } from "../db/schema";
import type { ClaimRepository } from "../repositories/ClaimRepository";
import type {
    OrderKey,
    PageQuery,
    PurchaseParts,
    PurchaseRepository,
} from "../repositories/PurchaseRepository";
import { awaited } from "./awaited";
import { emailLookupOf, tokenLookupOf } from "./lookupsOf";
import { type Net, netOf } from "./netOf";

export type Claim = {
    merchantId: MerchantId;
    platform: Platform;
    orderId: string;
    token: string;
    groupId: GroupId;
};
export type PurchaseView = PurchaseParts & { purchase: Purchase };

/** How long a claim waits for its order, and an order for its claim. */
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
     * order comes when it is not known yet. Throws `WRONG_TOKEN` only for an order that is known, and
     * `CLAIM_TOO_LATE` 30 days after it became known. An order that is somebody's already stays theirs: what
     * follows from that the caller has to decide.
     */
    async claim({ merchantId, platform, orderId, token, groupId }: Claim): Promise<Purchase> {
        const key = { merchantId, platform, externalId: orderId };
        await this.purchases.insertNew([awaited(key, this.clock.now())]);
        const purchase = only(await this.purchases.lock([key]));
        const tokenLookup = tokenLookupOf(this.lookups, token);
        if (!isKnown(purchase)) {
            await this.claims.add(this.newClaim(purchase.id, tokenLookup, groupId));
            return purchase;
        }
        if (!purchase.tokenLookups.includes(tokenLookup)) {
            throw new ForbiddenError("WRONG_TOKEN", "This token is not of this order");
        }
        if (later(purchase.createdAt, claimLifetimeMs) < this.clock.now()) {
            throw new ConflictError("CLAIM_TOO_LATE", "An order is claimed within 30 days");
        }
        return purchase.groupId ? purchase : this.link(purchase, groupId);
    }

    /** Of which of the shop's platforms an order is known, if of any. */
    async platformOf(merchantId: MerchantId, externalId: string): Promise<Platform | undefined> {
        const [known] = await this.purchases.findByOrder(merchantId, externalId);
        return known?.platform;
    }

    /** By its number or its name. */
    findNamed(merchantId: MerchantId, name: string): Promise<Purchase[]> {
        return this.purchases.findNamed(merchantId, name);
    }

    /**
     * Makes an order somebody's because the merchant says so, even before the shop tells of it. It is locked
     * until the transaction ends. Throws `ALREADY_LINKED` for an order of somebody else.
     */
    async assign(key: OrderKey, groupId: GroupId): Promise<Purchase> {
        await this.purchases.insertNew([awaited(key, this.clock.now())]);
        const purchase = only(await this.purchases.lock([key]));
        if (purchase.groupId === groupId) return purchase;
        if (!purchase.groupId) return this.link(purchase, groupId);
        throw new ConflictError("ALREADY_LINKED", "This order is somebody else's");
    }

    /**
     * Orders of nobody that came with a mail address are its owner's, where they could still be claimed. Must be
     * called in the transaction that holds the group; they are locked until it ends.
     */
    async linkByEmail(groupId: GroupId, email: string): Promise<Purchase[]> {
        const since = later(this.clock.now(), -claimLifetimeMs);
        const waiting = await this.purchases.lockOfNobody(this.emailLookup(email), since);
        const linked = waiting.map((one) => ({ ...one, groupId, linkedBy: "email" as const }));
        await this.purchases.update(linked);
        return linked;
    }

    /** The form in which shops' orders keep a mail address. */
    emailLookup(email: string): string {
        return emailLookupOf(this.lookups, email);
    }

    /** Whatever linked the orders of these people, from now on it counts for no more than a mail address. */
    async weakenLinks(groups: readonly GroupId[]): Promise<void> {
        await this.purchases.weakenLinks(groups);
    }

    private async link(purchase: Purchase, groupId: GroupId): Promise<Purchase> {
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

    /** What is left of each. */
    async netsOf(purchases: readonly Purchase[]): Promise<Map<PurchaseId, Net>> {
        const { lines, refunds } = await this.purchases.findParts(purchases.map(({ id }) => id));
        const linesOf = Map.groupBy(lines, ({ purchaseId }) => purchaseId);
        const refundsOf = Map.groupBy(refunds, ({ purchaseId }) => purchaseId);
        return new Map(
            purchases.map((one) => [
                one.id,
                netOf(one, linesOf.get(one.id) ?? [], refundsOf.get(one.id) ?? []),
            ])
        );
    }

    list(merchantId: MerchantId, page: PageQuery): Promise<Purchase[]> {
        return this.purchases.findOfMerchant(merchantId, page);
    }

    private newClaim(purchaseId: PurchaseId, tokenLookup: string, groupId: GroupId): PurchaseClaim {
        const createdAt = this.clock.now();
        const id = newId<ClaimId>();
        const expiresAt = later(createdAt, claimLifetimeMs);
        return { id, purchaseId, tokenLookup, groupId, createdAt, expiresAt };
    }
}

/** Somebody's word on an order, or a refund of it, does not make it known: the order's own tokens do. */
const isKnown = ({ status, sourceUpdatedAt }: Purchase): boolean =>
    status !== "awaited" && sourceUpdatedAt !== null;
