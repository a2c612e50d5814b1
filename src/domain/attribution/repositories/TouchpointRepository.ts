import { eq, sql } from "drizzle-orm";
import type { Database } from "@/infrastructure/persistence/Database";
import { unnest } from "@/infrastructure/persistence/unnest";
import type { GroupId, MerchantId, TouchpointId } from "@/utils/ids";
import { type Touchpoint, touchpoints, type Utm } from "../db/schema";

export type TouchpointQuery = { merchantId: MerchantId; groupId: GroupId; until: Date };
/** What attribution needs to know of an arrival. */
export type Touch = {
    touchpointId: TouchpointId;
    source: Touchpoint["source"];
    referrerGroupId?: GroupId;
    shareCode?: string;
    utm?: Utm;
    occurredAt: Date;
};

type Nullable<Row> = { [Name in keyof Row]: Row[Name] | null };
type Told = Pick<Touch, "touchpointId" | "source"> &
    Nullable<Required<Pick<Touch, "referrerGroupId" | "shareCode" | "utm">>> & {
        occurredAt: string;
    };
type TouchRow = Told & { position: number };

/** More arrivals of one person than anybody would share a reward among. */
const mostTouches = 100;

export class TouchpointRepository {
    constructor(private readonly db: Database) {}

    /**
     * Keeps arrivals under the people that their groups lead to now, in one statement. Whoever came through
     * their own link was not referred. Says of each whether it was.
     */
    async insertAll(rows: readonly Touchpoint[]): Promise<Map<TouchpointId, boolean>> {
        const groups = rows.flatMap(({ groupId, referrerGroupId }) =>
            referrerGroupId ? [groupId, referrerGroupId] : [groupId]
        );
        const added = await this.db.rows<{ id: TouchpointId; referred: boolean }>(sql`
            with held as (select * from hold_groups(${sql.param([...new Set(groups)])}::uuid[]))
            insert into ${touchpoints} (id, group_id, merchant_id, source, referrer_group_id,
                share_code, utm, landing_url, occurred_at, expires_at)
            select input.id, visitor.live, "merchantId",
                case when referrer.live <> visitor.live then 'referral' else source end,
                case when referrer.live <> visitor.live then referrer.live end,
                case when referrer.live <> visitor.live then "shareCode" end,
                utm, "landingUrl", "occurredAt", "expiresAt"
            from ${unnest(rows, {
                id: "uuid",
                groupId: "uuid",
                merchantId: "uuid",
                source: "text",
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

    /** For each query, by its place in the list, its newest arrivals before `until` that had not expired then, ascending. */
    async findBefore(queries: readonly TouchpointQuery[]): Promise<Map<number, Touch[]>> {
        if (queries.length === 0) return new Map();
        const input = queries.map((query, position) => ({ ...query, position }));
        const rows = await this.db.rows<TouchRow>(sql`
            select input.position, touch.*
            from ${unnest(input, { merchantId: "uuid", groupId: "uuid", until: "timestamptz", position: "integer" })}
            cross join lateral (
                select id as "touchpointId", source, referrer_group_id as "referrerGroupId",
                    share_code as "shareCode", utm, occurred_at as "occurredAt"
                from ${touchpoints}
                where merchant_id = input."merchantId" and group_id = input."groupId"
                    and occurred_at <= input.until and expires_at > input.until
                order by occurred_at desc, id desc limit ${mostTouches}
            ) touch
            order by input.position, touch."occurredAt", touch."touchpointId"`);
        const touches = rows.map(({ position, ...touch }) => ({ position, touch: asTouch(touch) }));
        const byPlace = Map.groupBy(touches, ({ position }) => position);
        return new Map([...byPlace].map(([place, all]) => [place, all.map(({ touch }) => touch)]));
    }

    /** Who brought each person first, who brought them, and so on; by its place in the list. */
    async findChains(
        queries: readonly Omit<TouchpointQuery, "until">[],
        maxDepth: number
    ): Promise<Map<number, GroupId[]>> {
        if (queries.length === 0) return new Map();
        const input = queries.map((query, position) => ({ ...query, position }));
        const rows = await this.db.rows<{ position: number; groupId: GroupId }>(sql`
            with recursive chain (position, merchant_id, group_id, depth, visited) as (
                select position, "merchantId", "groupId", 0, array["groupId"]
                from ${unnest(input, { merchantId: "uuid", groupId: "uuid", position: "integer" })}
                union all
                select chain.position, chain.merchant_id, first.referrer_group_id, chain.depth + 1,
                    chain.visited || first.referrer_group_id
                from chain cross join lateral (
                    select referrer_group_id from ${touchpoints}
                    where merchant_id = chain.merchant_id and group_id = chain.group_id
                        and referrer_group_id is not null
                    order by occurred_at, id limit 1
                ) first
                where chain.depth < ${maxDepth}
                    and not first.referrer_group_id = any (chain.visited)
            )
            select position, group_id as "groupId" from chain where depth > 0
            order by position, depth`);
        const byPlace = Map.groupBy(rows, ({ position }) => position);
        return new Map([...byPlace].map(([place, all]) => [place, all.map((one) => one.groupId)]));
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

const asTouch = ({ touchpointId, source, occurredAt, ...told }: Told): Touch => ({
    touchpointId,
    source,
    ...(told.referrerGroupId && { referrerGroupId: told.referrerGroupId }),
    ...(told.shareCode && { shareCode: told.shareCode }),
    ...(told.utm && { utm: told.utm }),
    occurredAt: new Date(occurredAt),
});
