import { and, asc, eq, gt, inArray, sql } from "drizzle-orm";
import type { Database } from "@/infrastructure/persistence/Database";
import { isAmong } from "@/infrastructure/persistence/isAmong";
import type { GroupId, PurchaseId } from "@/utils/ids";
import { type PurchaseClaim, purchaseClaims, purchases } from "../db/schema";
import type { Whose } from "./BuyerRepository";

export class ClaimRepository {
    constructor(private readonly db: Database) {}

    async add(claim: PurchaseClaim): Promise<void> {
        await this.db.current.insert(purchaseClaims).values(claim).onConflictDoNothing();
    }

    /** Oldest first. */
    async findOpen(purchaseIds: readonly PurchaseId[], now: Date): Promise<PurchaseClaim[]> {
        if (purchaseIds.length === 0) return [];
        return this.db.current
            .select()
            .from(purchaseClaims)
            .where(
                and(
                    isAmong(purchaseClaims.purchaseId, purchaseIds),
                    gt(purchaseClaims.expiresAt, now)
                )
            )
            .orderBy(asc(purchaseClaims.createdAt), asc(purchaseClaims.id));
    }

    async erase({ groupId, merchantId }: Whose): Promise<void> {
        const isThere = merchantId
            ? inArray(
                  purchaseClaims.purchaseId,
                  this.db.current
                      .select({ id: purchases.id })
                      .from(purchases)
                      .where(eq(purchases.merchantId, merchantId))
              )
            : undefined;
        await this.db.current
            .delete(purchaseClaims)
            .where(and(eq(purchaseClaims.groupId, groupId), isThere));
    }

    /** A person claims an order with one token once: after a merge the second claim says nothing new. */
    async reassign(from: GroupId, into: GroupId): Promise<void> {
        await this.db.current.execute(sql`
            delete from ${purchaseClaims} claim using ${purchaseClaims} kept
            where claim.group_id = ${from} and kept.group_id = ${into}
                and kept.purchase_id = claim.purchase_id
                and kept.token_lookup = claim.token_lookup`);
        await this.db.current
            .update(purchaseClaims)
            .set({ groupId: into })
            .where(eq(purchaseClaims.groupId, from));
    }
}
