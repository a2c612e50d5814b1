import { sql } from "drizzle-orm";
import { purchases } from "@/domain/purchases/db/schema";
import type { RecordedPurchase } from "@/domain/rewards";
import { epochPublications, purchaseLeaves } from "@/domain/rewards/db/epochs";
import type { Database } from "@/infrastructure/persistence/Database";

type Row = Omit<RecordedPurchase, "net"> & { net: string };

/** Purchases that stand otherwise than the last epoch which recorded them says, or that none recorded. */
export class ChangedPurchaseRepository {
    constructor(private readonly db: Database) {}

    /** `updated_at` is when a transaction began, so those that were still open at the last closing are looked at again. */
    async list(limit: number): Promise<RecordedPurchase[]> {
        const rows = await this.db.rows<Row>(sql`
            select p.id, p.status, p.currency, greatest(p.total - p.refunded, 0)::text as net
            from ${purchases} p
            left join lateral (
                select status, net, currency from ${purchaseLeaves}
                where purchase_id = p.id order by epoch desc limit 1
            ) recorded on true
            where p.status in ('confirmed', 'partiallyRefunded', 'refunded', 'cancelled')
                and p.currency is not null and not p.is_test
                and p.updated_at >= coalesce(
                    (select max(closed_at) from ${epochPublications}) - interval '10 minutes', '-infinity')
                and (recorded.status, recorded.net, recorded.currency) is distinct from
                    (p.status, greatest(p.total - p.refunded, 0)::numeric, p.currency)
            order by p.id limit ${limit}`);
        return rows.map((row) => ({ ...row, net: BigInt(row.net) }));
    }
}
