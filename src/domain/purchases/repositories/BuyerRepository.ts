import { and, eq, or, type SQL } from "drizzle-orm";
import type { Database } from "@/infrastructure/persistence/Database";
import type { GroupId, MerchantId } from "@/utils/ids";
import { type Purchase, purchases } from "../db/schema";

/** A person, or what one shop has of them. */
export type Whose = { groupId: GroupId; merchantId: MerchantId | null };
/** As a shop's orders name their buyer. */
export type Named = {
    merchantId: MerchantId;
    customerLookup: string;
    emailLookup: string | undefined;
};

/** Who bought, and that it is forgotten: what was bought, and for how much, is not. */
export class BuyerRepository {
    constructor(private readonly db: Database) {}

    /** The orders of a person, or those of them at one shop. */
    async findOrdersOf(whose: Whose): Promise<Pick<Purchase, "merchantId" | "externalId">[]> {
        return this.findWhere(isOf(whose));
    }

    async findOrdersNaming(named: Named): Promise<Pick<Purchase, "merchantId" | "externalId">[]> {
        return this.findWhere(names(named));
    }

    async erase(whose: Whose): Promise<void> {
        await this.eraseWhere(isOf(whose));
    }

    async eraseNamed(named: Named): Promise<void> {
        await this.eraseWhere(names(named));
    }

    private findWhere(which: SQL | undefined) {
        const { merchantId, externalId } = purchases;
        return this.db.current.select({ merchantId, externalId }).from(purchases).where(which);
    }

    /** What could prove an order to be somebody's, or names it to people, goes. */
    private async eraseWhere(which: SQL | undefined): Promise<void> {
        await this.db.current
            .update(purchases)
            .set({
                customerLookup: null,
                emailLookup: null,
                landingUrl: null,
                tokenLookups: [],
                externalName: null,
            })
            .where(which);
    }
}

const isOf = ({ groupId, merchantId }: Whose) =>
    and(
        eq(purchases.groupId, groupId),
        merchantId ? eq(purchases.merchantId, merchantId) : undefined
    );

const names = ({ merchantId, customerLookup, emailLookup }: Named) =>
    and(
        eq(purchases.merchantId, merchantId),
        or(
            eq(purchases.customerLookup, customerLookup),
            emailLookup ? eq(purchases.emailLookup, emailLookup) : undefined
        )
    );
