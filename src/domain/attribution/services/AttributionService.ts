import { type GroupId, type MerchantId, newId, type TouchpointId } from "@/utils/ids";
import { days, later } from "@/utils/time";
import type { Utm } from "../db/schema";
import type {
    Touch,
    TouchpointQuery,
    TouchpointRepository,
} from "../repositories/TouchpointRepository";
import { sourceOf } from "./sourceOf";

/** Somebody came to a shop, perhaps through somebody's link. */
export type Arrival = {
    groupId: GroupId;
    merchantId: MerchantId;
    referrerGroupId: GroupId | undefined;
    shareCode: string | undefined;
    utm: Utm | undefined;
    landingUrl: string | undefined;
    occurredAt: Date;
};

export type Recorded = { touchpointId: TouchpointId; referred: boolean };

/** No merchant can look further back than this, so an older arrival is of no use. */
const longestWindow = days(365);

export class AttributionService {
    constructor(private readonly touchpoints: TouchpointRepository) {}

    /** In one statement, so that it needs no transaction. Whoever came through their own link was not referred. */
    async record(arrivals: readonly Arrival[]): Promise<Recorded[]> {
        const rows = arrivals.map((arrival) => ({
            id: newId<TouchpointId>(),
            groupId: arrival.groupId,
            merchantId: arrival.merchantId,
            source: sourceOf(arrival.utm),
            referrerGroupId: arrival.referrerGroupId ?? null,
            shareCode: arrival.shareCode ?? null,
            utm: arrival.utm ?? null,
            landingUrl: arrival.landingUrl ?? null,
            occurredAt: arrival.occurredAt,
            expiresAt: later(arrival.occurredAt, longestWindow),
        }));
        const referred = await this.touchpoints.insertAll(rows);
        return rows.map(({ id }) => ({ touchpointId: id, referred: referred.get(id) ?? false }));
    }

    /** Everybody's arrivals before the moment, ascending; by place in the list. */
    async touchesOf(queries: readonly TouchpointQuery[]): Promise<Touch[][]> {
        const found = await this.touchpoints.findBefore(queries);
        return queries.map((_, place) => found.get(place) ?? []);
    }

    /** The referrers above each person, nearest first, without themselves; by place in the list. */
    async chainsOf(
        queries: readonly Omit<TouchpointQuery, "until">[],
        maxDepth: number
    ): Promise<GroupId[][]> {
        const found = await this.touchpoints.findChains(queries, maxDepth);
        return queries.map((_, place) => found.get(place) ?? []);
    }
}
