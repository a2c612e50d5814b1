import { type SQL, sql } from "drizzle-orm";
import { unnest } from "@/infrastructure/persistence/unnest";
import type { MerchantId, PurchaseId } from "@/utils/ids";
import { interactions } from "../db/schema";

/** Which purchase of which shop: what it opened is found under both. */
export type PurchaseKey = { id: PurchaseId; merchantId: MerchantId };

/** Whether one of these purchases opened an interaction; to be asked of those that a purchase did. */
export function isOpenedBy(purchases: readonly PurchaseKey[]): SQL {
    const keys = purchases.map(({ merchantId, id }) => ({ merchantId, id }));
    return sql`(${interactions.merchantId}, ${interactions.subject})
        in (select "merchantId", id from ${unnest(keys, { merchantId: "uuid", id: "text" })})`;
}
