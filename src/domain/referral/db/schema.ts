import { sql } from "drizzle-orm";
import { boolean, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import { idOf, instant } from "@/infrastructure/persistence/columns";
import type { GroupId, MerchantId } from "@/utils/ids";

/**
 * What a person puts into the links they share: public, and unrelated to any secret of theirs. After a
 * merge a person may have several that work; new links use the current one.
 */
export const shareCodes = pgTable(
    "share_codes",
    {
        code: text().primaryKey(),
        groupId: idOf<GroupId>().notNull(),
        merchantId: idOf<MerchantId>().notNull(),
        isCurrent: boolean().notNull().default(true),
        createdAt: instant().notNull().defaultNow(),
    },
    ({ groupId, merchantId, isCurrent }) => [
        uniqueIndex("share_codes_one_current").on(groupId, merchantId).where(sql`${isCurrent}`),
    ]
);
