import { type SQL, sql } from "drizzle-orm";
import { referralEdges } from "../db/schema";

/**
 * Who counts as a person's referrer at a shop, or null: the shop's own edge, else the one by a personal code,
 * unless the person removed their referrer there. The one place that says so: chains, walks and answers use it.
 */
export const referrerAt = (merchantId: SQL, groupId: SQL): SQL => sql`(
    select case when removed_at is null then referrer_group_id end
    from ${referralEdges}
    where referee_group_id = ${groupId} and (merchant_id = ${merchantId} or merchant_id is null)
        and (removed_at is null or end_reason = 'removed')
    order by merchant_id is null, removed_at is not null limit 1)`;
