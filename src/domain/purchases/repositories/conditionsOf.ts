import { eq, gte, inArray, lt, sql } from "drizzle-orm";
import { type Platform, type Purchase, purchases } from "../db/schema";

export type PurchaseFilter = {
    externalId?: string | undefined;
    status?: readonly Purchase["status"][] | undefined;
    platform?: Platform | undefined;
    linked?: boolean | undefined;
    /** When the order was made known to us: from this moment on, and before that one. */
    from?: Date | undefined;
    to?: Date | undefined;
};

/** What a list of purchases is narrowed down to. */
export function conditionsOf({ externalId, status, platform, linked, from, to }: PurchaseFilter) {
    return [
        externalId === undefined ? undefined : eq(purchases.externalId, externalId),
        status && inArray(purchases.status, [...status]),
        platform && eq(purchases.platform, platform),
        linked === undefined ? undefined : sql`(${purchases.groupId} is not null) = ${linked}`,
        from && gte(purchases.createdAt, from),
        to && lt(purchases.createdAt, to),
    ];
}
