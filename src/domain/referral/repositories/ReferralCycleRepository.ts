import { and, eq, isNull, or, type SQL, sql } from "drizzle-orm";
import type { Database } from "@/infrastructure/persistence/Database";
import type { GroupId, MerchantId } from "@/utils/ids";
import { type ReferralEdge, referralEdges } from "../db/schema";
import type { ReferralEdgeRepository } from "./ReferralEdgeRepository";
import { referrerAt } from "./referrerAt";

export type Proposed = Pick<ReferralEdge, "merchantId" | "refereeGroupId" | "referrerGroupId">;

/** Farther up than this nobody looks; what is not known to be free of circles by then counts as one. */
const maxWalk = 64;

/** Keeps every shop's graph of who brought whom free of circles, through merges of people as well. */
export class ReferralCycleRepository {
    constructor(
        private readonly db: Database,
        private readonly edges: ReferralEdgeRepository
    ) {}

    /** Whether the edge would close a circle. To be asked under a lock of the graph: one bounded walk up from the referrer. */
    async wouldCycle({ merchantId, refereeGroupId, referrerGroupId }: Proposed): Promise<boolean> {
        const [from, to] = [sql`${referrerGroupId}::uuid`, sql`${refereeGroupId}::uuid`];
        const [row] = await this.db.rows<{ closes: boolean }>(
            merchantId ? walkAt(merchantId, from, to) : walkEverywhere(from, to)
        );
        return row?.closes ?? true;
    }

    /**
     * The people of two groups are one: an edge between the two, a second referrer and an edge that now closes a
     * circle end, and the rows say why. Of two referrers the first stays.
     */
    async reassign(from: GroupId, into: GroupId): Promise<void> {
        if (!(await this.knows(from))) return;
        await this.edges.lockAllGraphs();
        await this.endBetween(from, into);
        await this.endSecond(from, into);
        await this.db.current
            .update(referralEdges)
            .set({ refereeGroupId: into })
            .where(eq(referralEdges.refereeGroupId, from));
        await this.db.current
            .update(referralEdges)
            .set({ referrerGroupId: into })
            .where(eq(referralEdges.referrerGroupId, from));
        await this.endCycles(into);
    }

    private async knows(groupId: GroupId): Promise<boolean> {
        const { refereeGroupId, referrerGroupId } = referralEdges;
        const found = await this.db.current
            .select({ id: referralEdges.id })
            .from(referralEdges)
            .where(or(eq(refereeGroupId, groupId), eq(referrerGroupId, groupId)))
            .limit(1);
        return found.length > 0;
    }

    private async endBetween(one: GroupId, other: GroupId): Promise<void> {
        const both = sql`array[${one}, ${other}]::uuid[]`;
        await this.end(
            "selfReferral",
            sql`edge.referee_group_id = any (${both}) and edge.referrer_group_id = any (${both})`
        );
    }

    private async endSecond(one: GroupId, other: GroupId): Promise<void> {
        const both = sql`array[${one}, ${other}]::uuid[]`;
        await this.end(
            "secondReferrer",
            sql`edge.referee_group_id = any (${both}) and exists (
                select from ${referralEdges} first
                where first.referee_group_id = any (${both}) and first.removed_at is null
                    and first.merchant_id is not distinct from edge.merchant_id
                    and (first.created_at, first.id) < (edge.created_at, edge.id))`
        );
    }

    /** A circle that a merge closed goes through the one whom it made. Shops first: an end there may show the personal edge. */
    private async endCycles(groupId: GroupId): Promise<void> {
        if ((await this.edges.findReferrers([groupId])).size === 0) return;
        const live = await this.db.current
            .select()
            .from(referralEdges)
            .where(and(eq(referralEdges.refereeGroupId, groupId), isNull(referralEdges.removedAt)))
            .orderBy(sql`${referralEdges.merchantId} is null`);
        for (const edge of live) {
            if (await this.wouldCycle(edge))
                await this.end("wouldCycle", sql`edge.id = ${edge.id}`);
        }
    }

    private async end(reason: ReferralEdge["endReason"], which: SQL): Promise<void> {
        await this.db.current.execute(sql`
            update ${referralEdges} edge set removed_at = now(), end_reason = ${reason}
            where edge.removed_at is null and ${which}`);
    }
}

/** At one shop everybody has one referrer at most: the walk is a line. */
const walkAt = (merchantId: MerchantId, from: SQL, to: SQL): SQL => sql`
    with recursive up as (
        select ${from} as node, 1 as depth, array[${from}] as path
        union all
        select next.node, up.depth + 1, up.path || next.node
        from up cross join lateral
            (select ${referrerAt(sql`${merchantId}::uuid`, sql`up.node`)} as node) next
        where up.depth <= ${maxWalk} and up.node <> ${to} and next.node <> all (up.path)
    )
    select bool_or(node = ${to}) or max(depth) > ${maxWalk} as closes from up`;

/**
 * An edge without a merchant counts at every shop where nothing hides it: the walk is a line through edges by
 * personal codes, and one more for each shop whose own edges begin somewhere on it.
 */
const walkEverywhere = (from: SQL, to: SQL): SQL => sql`
    with recursive up as (
        select null::uuid as merchant, ${from} as node, 1 as depth, array[${to}, ${from}] as path
        union all
        select next.merchant, next.node, up.depth + 1, up.path || next.node
        from up cross join lateral (
            select up.merchant, ${referrerAt(sql`up.merchant`, sql`up.node`)} as node
            where up.merchant is not null
            union all
            select edge.merchant_id, edge.referrer_group_id
            from ${referralEdges} edge
            where up.merchant is null and edge.referee_group_id = up.node
                and edge.removed_at is null
                and not exists (
                    select from ${referralEdges} earlier
                    where earlier.merchant_id = edge.merchant_id
                        and earlier.referee_group_id = any (up.path)
                        and earlier.referee_group_id <> up.node
                        and (earlier.removed_at is null or earlier.end_reason = 'removed'))
        ) next
        where up.depth <= ${maxWalk} and up.node <> ${to}
            and (next.node = ${to} or next.node <> all (up.path))
    )
    select bool_or(node = ${to}) or max(depth) > ${maxWalk} as closes from up`;
