import { sql } from "drizzle-orm";
import { identityNodes } from "@/domain/identity/db/schema";
import { purchases } from "@/domain/purchases/db/schema";
import { rewards } from "@/domain/rewards/db/schema";
import type { Database } from "@/infrastructure/persistence/Database";
import { unnest } from "@/infrastructure/persistence/unnest";
import type { GroupId, MerchantId } from "@/utils/ids";
import type { Currency } from "@/utils/money";

export type PersonQuery = { merchantId: MerchantId; groupId: GroupId; until: Date };
/** Who somebody was to a shop before a moment. Money in minor units. */
export type Person = {
    purchases: number;
    spend: Map<Currency, bigint>;
    hasWallet: boolean;
    rewards: { count: number; amount: bigint };
};

type PersonRow = {
    position: number;
    purchases: number;
    spend: Record<Currency, string> | null;
    hasWallet: boolean;
    rewardCount: number;
    rewardAmount: string;
};

export class PersonFactsRepository {
    constructor(private readonly db: Database) {}

    /** Each person, by place in the list, in one statement. */
    async findAll(queries: readonly PersonQuery[]): Promise<Map<number, Person>> {
        if (queries.length === 0) return new Map();
        const input = queries.map((query, position) => ({ ...query, position }));
        const rows = await this.db.rows<PersonRow>(sql`
            select input.position, coalesce(bought.count, 0)::integer as purchases, bought.spend,
                exists (
                    select from ${identityNodes} where group_id = input."groupId"
                        and kind = 'wallet' and unlinked_at is null
                ) as "hasWallet",
                earned.count::integer as "rewardCount", earned.amount as "rewardAmount"
            from ${unnest(input, { merchantId: "uuid", groupId: "uuid", until: "timestamptz", position: "integer" })}
            left join lateral (
                select sum(count) as count, jsonb_object_agg(currency, amount::text) as spend
                from (
                    select currency, count(*) as count, sum(greatest(total - refunded, 0)) as amount
                    from ${purchases}
                    where merchant_id = input."merchantId" and group_id = input."groupId"
                        and status in ('confirmed', 'partiallyRefunded') and not is_test
                        and currency is not null and paid_at < input.until
                    group by currency
                ) by_currency
            ) bought on true
            left join lateral (
                select count(*) as count,
                    coalesce(sum(amount) filter (where asset = 'token'), 0) as amount
                from ${rewards}
                where merchant_id = input."merchantId" and group_id = input."groupId"
                    and status not in ('cancelled', 'expired') and created_at < input.until
            ) earned on true`);
        return new Map(rows.map((row) => [row.position, asPerson(row)]));
    }
}

const asPerson = ({ purchases: count, spend, hasWallet, ...row }: PersonRow): Person => ({
    purchases: count,
    spend: new Map(
        Object.entries(spend ?? {}).map(([currency, amount]) => [
            currency as Currency,
            BigInt(amount),
        ])
    ),
    hasWallet,
    rewards: { count: row.rewardCount, amount: BigInt(row.rewardAmount) },
});
