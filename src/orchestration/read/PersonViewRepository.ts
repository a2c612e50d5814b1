import { and, asc, eq, inArray, isNull } from "drizzle-orm";
import { identityNodes } from "@/domain/identity/db/schema";
import { merchants } from "@/domain/merchant/db/schema";
import { purchases } from "@/domain/purchases/db/schema";
import type { Database } from "@/infrastructure/persistence/Database";
import type { GroupId, MerchantId } from "@/utils/ids";

export class PersonViewRepository {
    constructor(private readonly db: Database) {}

    /** The shops that know this person, by an identifier or by an order. */
    async merchantsOf(groupId: GroupId): Promise<{ id: MerchantId; name: string }[]> {
        const known = this.db.current
            .select({ id: identityNodes.merchantId })
            .from(identityNodes)
            .where(and(eq(identityNodes.groupId, groupId), isNull(identityNodes.unlinkedAt)))
            .unionAll(
                this.db.current
                    .select({ id: purchases.merchantId })
                    .from(purchases)
                    .where(eq(purchases.groupId, groupId))
            );
        return this.db.current
            .select({ id: merchants.id, name: merchants.name })
            .from(merchants)
            .where(inArray(merchants.id, known))
            .orderBy(asc(merchants.id));
    }
}
