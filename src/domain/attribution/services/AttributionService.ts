import { type GroupId, type MerchantId, newId, type TouchpointId } from "@/utils/ids";
import { days, later } from "@/utils/time";
import type { Utm } from "../db/schema";
import type {
    ReferredTouch,
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

    /** Who brought each person, by the last arrival through a link; by its place in the list. */
    lastReferred(queries: readonly TouchpointQuery[]): Promise<Map<number, ReferredTouch>> {
        return this.touchpoints.findLastReferred(queries);
    }
}
