import { type GroupId, type MerchantId, newId, type TouchpointId } from "@/utils/ids";
import { days, later } from "@/utils/time";
import type { Touchpoint, Utm } from "../db/schema";
import type {
    FoundTouch,
    NewTouchpoint,
    TouchpointQuery,
    TouchpointRepository,
} from "../repositories/TouchpointRepository";
import { sourceOf } from "./sourceOf";

/** Whose code somebody came through, and what kind of code it is. */
export type CodeSignal = { groupId: GroupId; source: "referral" | "code"; code: string };

/** Somebody came to a shop, perhaps through somebody's code. */
export type Arrival = {
    groupId: GroupId;
    merchantId: MerchantId;
    referrer: CodeSignal | undefined;
    utm: Utm | undefined;
    landingUrl: string | undefined;
    occurredAt: Date;
};

export type Recorded = { touchpointId: TouchpointId; referred: boolean };

/** An arrival as attribution weighs it: `source` is the strongest signal it came with. */
export type Touch = {
    touchpointId: TouchpointId;
    source: Touchpoint["source"];
    referrerGroupId?: GroupId;
    shareCode?: string;
    utm: Utm;
    occurredAt: Date;
};

/** No merchant can look further back than this, so an older arrival is of no use. */
const longestWindow = days(365);

export class AttributionService {
    constructor(private readonly touchpoints: TouchpointRepository) {}

    /** In one statement, so that it needs no transaction. Whoever came through their own link was not referred. */
    async record(arrivals: readonly Arrival[]): Promise<Recorded[]> {
        if (arrivals.length === 0) return [];
        const rows: NewTouchpoint[] = arrivals.map(({ referrer, ...arrival }) => ({
            id: newId<TouchpointId>(),
            groupId: arrival.groupId,
            merchantId: arrival.merchantId,
            source: sourceOf(arrival.utm),
            referredAs: referrer?.source ?? "direct",
            referrerGroupId: referrer?.groupId ?? null,
            shareCode: referrer?.code ?? null,
            utm: arrival.utm ?? null,
            landingUrl: arrival.landingUrl ?? null,
            occurredAt: arrival.occurredAt,
            expiresAt: later(arrival.occurredAt, longestWindow),
        }));
        const referred = await this.touchpoints.insertAll(rows);
        return rows.map(({ id }) => ({ touchpointId: id, referred: referred.get(id) ?? false }));
    }

    /**
     * How each person came to a shop in the year before `until`, by its place in the list, oldest first. The
     * newest 200 of each, and of those through a code the newest 100 in any case. One statement for all.
     */
    async touchesOf(queries: readonly TouchpointQuery[]): Promise<Touch[][]> {
        const found = await this.touchpoints.findTouches(queries);
        return found.map((touches) => touches.map(asTouch));
    }
}

/** One's own code, as it may have become by a merge, is no signal at all. */
function asTouch({ id, referrerGroupId, shareCode, utm, source, occurredAt }: FoundTouch): Touch {
    const touch = { touchpointId: id, utm: utm ?? {}, occurredAt };
    if (referrerGroupId === null) {
        const isOwn = source === "referral" || source === "code";
        return { ...touch, source: isOwn ? sourceOf(utm ?? undefined) : source };
    }
    return { ...touch, source, referrerGroupId, ...(shareCode ? { shareCode } : {}) };
}
