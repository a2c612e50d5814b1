import { and, eq, sql } from "drizzle-orm";
import type { Database } from "@/infrastructure/persistence/Database";
import { unnest } from "@/infrastructure/persistence/unnest";
import type { GroupId, MerchantId, TouchpointId } from "@/utils/ids";
import { type Touchpoint, touchpoints } from "../db/schema";

export type TouchpointQuery = { merchantId: MerchantId; groupId: GroupId; until: Date };
/** How whoever came through a code is said to have come, unless the code was their own. */
export type NewTouchpoint = Touchpoint & { referredAs: Touchpoint["source"] };
export type FoundTouch = Pick<
    Touchpoint,
    "id" | "source" | "referrerGroupId" | "shareCode" | "utm" | "occurredAt"
>;

type FoundRow = Omit<FoundTouch, "occurredAt"> & { position: number; occurredAt: string };

/** Of one person at one shop, the newest so many; and so many more of those through somebody's code. */
const maxTouches = 200;
const maxReferredTouches = 100;

export class TouchpointRepository {
    constructor(private readonly db: Database) {}

    /**
     * Keeps arrivals under the people that their groups lead to now, in one statement. Whoever came through
     * their own link was not referred. Says of each whether it was.
     */
    async insertAll(rows: readonly NewTouchpoint[]): Promise<Map<TouchpointId, boolean>> {
        const groups = rows.flatMap(({ groupId, referrerGroupId }) =>
            referrerGroupId ? [groupId, referrerGroupId] : [groupId]
        );
        const added = await this.db.rows<{ id: TouchpointId; referred: boolean }>(sql`
            with held as (select * from hold_groups(${sql.param([...new Set(groups)])}::uuid[]))
            insert into ${touchpoints} (id, group_id, merchant_id, source, referrer_group_id,
                share_code, utm, landing_url, occurred_at, expires_at)
            select input.id, visitor.live, "merchantId",
                case when referrer.live <> visitor.live then "referredAs" else source end,
                case when referrer.live <> visitor.live then referrer.live end,
                case when referrer.live <> visitor.live then "shareCode" end,
                utm, "landingUrl", "occurredAt", "expiresAt"
            from ${unnest(rows, {
                id: "uuid",
                groupId: "uuid",
                merchantId: "uuid",
                source: "text",
                referredAs: "text",
                referrerGroupId: "uuid",
                shareCode: "text",
                utm: "jsonb",
                landingUrl: "text",
                occurredAt: "timestamptz",
                expiresAt: "timestamptz",
            })}
            join held visitor on visitor.id = input."groupId"
            left join held referrer on referrer.id = input."referrerGroupId"
            returning id, referrer_group_id is not null as referred`);
        return new Map(added.map(({ id, referred }) => [id, referred]));
    }

    /** That somebody came stays; where to, by what link and what campaign does not. */
    async erase({
        groupId,
        merchantId,
    }: {
        groupId: GroupId;
        merchantId: MerchantId | null;
    }): Promise<void> {
        const isThere = merchantId ? eq(touchpoints.merchantId, merchantId) : undefined;
        await this.db.current
            .update(touchpoints)
            .set({ landingUrl: null, utm: null })
            .where(and(eq(touchpoints.groupId, groupId), isThere));
        await this.db.current
            .update(touchpoints)
            .set({ shareCode: null })
            .where(and(eq(touchpoints.referrerGroupId, groupId), isThere));
    }

    /**
     * For each query, by its place in the list, the arrivals up to `until` that had not expired then, oldest
     * first. Who comes often keeps those through somebody's code: they are looked for on their own.
     */
    async findTouches(queries: readonly TouchpointQuery[]): Promise<FoundTouch[][]> {
        const touches = queries.map((): FoundTouch[] => []);
        if (queries.length === 0) return touches;
        const input = queries.map(({ merchantId, groupId, until }, position) => ({
            merchantId,
            groupId,
            until,
            position,
        }));
        const ofPerson = sql`from ${touchpoints}
            where merchant_id = input."merchantId" and group_id = input."groupId"
                and occurred_at <= input.until and expires_at > input.until`;
        const rows = await this.db.rows<FoundRow>(sql`
            select input.position, touch.id, touch.source, touch.share_code as "shareCode", touch.utm,
                nullif(touch.referrer_group_id, touch.group_id) as "referrerGroupId",
                touch.occurred_at as "occurredAt"
            from ${unnest(input, { merchantId: "uuid", groupId: "uuid", until: "timestamptz", position: "integer" })}
            cross join lateral (
                (select * ${ofPerson} order by occurred_at desc limit ${maxTouches})
                union
                (select * ${ofPerson} and referrer_group_id is not null
                    order by occurred_at desc limit ${maxReferredTouches})
            ) touch
            order by input.position, touch.occurred_at, touch.id`);
        for (const { position, occurredAt, ...touch } of rows) {
            touches[position]?.push({ ...touch, occurredAt: new Date(occurredAt) });
        }
        return touches;
    }

    /** Both sides of an arrival move; one's own link then counts as no referral. */
    async reassign(from: GroupId, into: GroupId): Promise<void> {
        await this.db.current
            .update(touchpoints)
            .set({ groupId: into })
            .where(eq(touchpoints.groupId, from));
        await this.db.current
            .update(touchpoints)
            .set({ referrerGroupId: into })
            .where(eq(touchpoints.referrerGroupId, from));
    }
}
