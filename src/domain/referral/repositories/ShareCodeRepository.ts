import { and, eq, sql } from "drizzle-orm";
import type { Database } from "@/infrastructure/persistence/Database";
import { unnest } from "@/infrastructure/persistence/unnest";
import type { GroupId, MerchantId } from "@/utils/ids";
import { shareCodes } from "../db/schema";

export type CodeQuery = { merchantId: MerchantId; referralCode: string };

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

    /** Whose code each is, by its place in the list. A code is worth something only at its own shop. */
    async findOwners(queries: readonly CodeQuery[]): Promise<Map<number, GroupId>> {
        if (queries.length === 0) return new Map();
        const input = queries.map(({ merchantId, referralCode: code }, position) => ({
            merchantId,
            code,
            position,
        }));
        const rows = await this.db.rows<{ position: number; groupId: GroupId }>(sql`
            select input.position, owned.group_id as "groupId"
            from ${unnest(input, { merchantId: "uuid", code: "text", position: "integer" })}
            join ${shareCodes} owned on owned.code = input.code
                and owned.merchant_id = input."merchantId"`);
        return new Map(rows.map(({ position, groupId }) => [position, groupId]));
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
