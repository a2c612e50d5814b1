import { and, eq, sql } from "drizzle-orm";
import type { Database } from "@/infrastructure/persistence/Database";
import { unnest } from "@/infrastructure/persistence/unnest";
import type { GroupId, MerchantId } from "@/utils/ids";
import { personalCodes, shareCodes } from "../db/schema";

export type CodeQuery = { merchantId: MerchantId; referralCode: string };
/** A share code brings a `referral`; a personal code, which is good at every shop, is a `code`. */
export type CodeOwner = { groupId: GroupId; source: "referral" | "code" };
export type OrderCodes = { merchantId: MerchantId; codes: readonly string[] };
export type OrderOwner = { groupId: GroupId; code: string };

export class ShareCodeRepository {
    constructor(private readonly db: Database) {}

    async findCurrent(groupId: GroupId, merchantId: MerchantId): Promise<string | undefined> {
        const [found] = await this.db.current
            .select({ code: shareCodes.code })
            .from(shareCodes)
            .where(
                and(
                    eq(shareCodes.groupId, groupId),
                    eq(shareCodes.merchantId, merchantId),
                    shareCodes.isCurrent
                )
            );
        return found?.code;
    }

    /** Nothing when the person already has a code here, or when somebody else has this one. */
    async add(code: string, groupId: GroupId, merchantId: MerchantId): Promise<void> {
        await this.db.current
            .insert(shareCodes)
            .values({ code, groupId, merchantId })
            .onConflictDoNothing();
    }

    /** Whose code each is, by its place in the list. A share code is worth something only at its own shop. */
    async findOwners(queries: readonly CodeQuery[]): Promise<Map<number, CodeOwner>> {
        if (queries.length === 0) return new Map();
        const input = queries.map(({ merchantId, referralCode: code }, position) => ({
            merchantId,
            code,
            position,
        }));
        const rows = await this.db.rows<CodeOwner & { position: number }>(sql`
            select input.position, owner."groupId", owner.source
            from ${unnest(input, { merchantId: "uuid", code: "text", position: "integer" })}
            cross join lateral (
                select group_id as "groupId", 'referral' as source from ${shareCodes}
                where code = input.code and merchant_id = input."merchantId"
                union all
                select group_id, 'code' from ${personalCodes}
                where code = upper(input.code) and retired_at is null
                limit 1
            ) owner`);
        return new Map(rows.map(({ position, ...owner }) => [position, owner]));
    }

    /** Of each order, by its place, the owner of the first code that has one. Shops change the case of codes. */
    async findOwnersOfOrders(orders: readonly OrderCodes[]): Promise<Map<number, OrderOwner>> {
        const input = orders.flatMap(({ merchantId, codes }, position) =>
            codes.map((code, rank) => ({ merchantId, code, rank, position }))
        );
        if (input.length === 0) return new Map();
        const rows = await this.db.rows<OrderOwner & { position: number }>(sql`
            select distinct on (input.position) input.position, owner."groupId", owner.code
            from ${unnest(input, { merchantId: "uuid", code: "text", rank: "integer", position: "integer" })}
            cross join lateral (
                select group_id as "groupId", code from ${shareCodes}
                where lower(code) = lower(input.code) and merchant_id = input."merchantId"
                union all
                select group_id, code from ${personalCodes}
                where code = upper(input.code) and retired_at is null
                limit 1
            ) owner
            order by input.position, input.rank`);
        return new Map(rows.map(({ position, ...owner }) => [position, owner]));
    }

    /** Links of theirs lead to the shop, and to nobody. */
    async erase({
        groupId,
        merchantId,
    }: {
        groupId: GroupId;
        merchantId: MerchantId | null;
    }): Promise<void> {
        const isThere = merchantId ? eq(shareCodes.merchantId, merchantId) : undefined;
        await this.db.current
            .delete(shareCodes)
            .where(and(eq(shareCodes.groupId, groupId), isThere));
    }

    /** Codes that were shared go on working; only one per shop stays the one that new links carry. */
    async reassign(from: GroupId, into: GroupId): Promise<void> {
        await this.db.current.execute(sql`
            update ${shareCodes} code set group_id = ${into}, is_current = code.is_current and not exists (
                select from ${shareCodes} kept where kept.group_id = ${into}
                    and kept.merchant_id = code.merchant_id and kept.is_current)
            where code.group_id = ${from}`);
    }
}
