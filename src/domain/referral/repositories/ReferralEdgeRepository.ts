import { and, eq, isNull, or, sql } from "drizzle-orm";
import type { Database } from "@/infrastructure/persistence/Database";
import { unnest } from "@/infrastructure/persistence/unnest";
import type { GroupId, MerchantId, ReferralEdgeId } from "@/utils/ids";
import { type ReferralEdge, referralEdges } from "../db/schema";
import { referrerAt } from "./referrerAt";

export type NewEdge = Pick<
    ReferralEdge,
    "id" | "merchantId" | "refereeGroupId" | "referrerGroupId" | "code" | "createdAt"
>;
export type EdgeKey = Pick<NewEdge, "refereeGroupId" | "referrerGroupId"> & {
    merchantId: MerchantId;
};
export type ChainQuery = { merchantId: MerchantId; groupId: GroupId };

/** Any numbers that nobody else locks: the graph by personal codes, which is part of every shop's, and a shop's own. */
const personalLock = 7_316_004;
const merchantLocks = 7_316_005;

export class ReferralEdgeRepository {
    constructor(private readonly db: Database) {}

    /** Until the transaction ends nobody else adds to the graphs of these shops, nor to the personal one. */
    async lockGraphs(merchantIds: readonly MerchantId[]): Promise<void> {
        const ids = [...new Set(merchantIds)].sort();
        await this.db.current.execute(sql`
            select pg_advisory_xact_lock_shared(${personalLock})`);
        await this.db.current.execute(sql`
            select pg_advisory_xact_lock(${merchantLocks}, key) from (
                select distinct hashtext(id) as key
                from unnest(${sql.param(ids)}::text[]) as id order by key) as keys`);
    }

    /** Until the transaction ends nobody else adds to any graph. */
    async lockAllGraphs(): Promise<void> {
        await this.db.current.execute(sql`select pg_advisory_xact_lock(${personalLock})`);
    }

    /**
     * The places in the list of those for whom there is nothing to add: they have a referrer at that shop, or
     * removed this very one.
     */
    async findSettled(edges: readonly EdgeKey[]): Promise<Set<number>> {
        if (edges.length === 0) return new Set();
        const input = edges.map(({ merchantId, refereeGroupId, referrerGroupId }, position) => ({
            merchantId,
            refereeGroupId,
            referrerGroupId,
            position,
        }));
        const rows = await this.db.rows<{ position: number }>(sql`
            select input.position
            from ${unnest(input, { merchantId: "uuid", refereeGroupId: "uuid", referrerGroupId: "uuid", position: "integer" })}
            where exists (
                select from ${referralEdges} edge
                where edge.referee_group_id = input."refereeGroupId"
                    and edge.merchant_id = input."merchantId"
                    and (edge.removed_at is null or (edge.end_reason = 'removed'
                        and edge.referrer_group_id = input."referrerGroupId")))`);
        return new Set(rows.map(({ position }) => position));
    }

    /** Those who brought somebody, anywhere: nobody else can be part of a new circle. */
    async findReferrers(groups: readonly GroupId[]): Promise<Set<GroupId>> {
        const rows = await this.db.rows<{ id: GroupId }>(sql`
            select asked.id from unnest(${sql.param([...groups])}::uuid[]) as asked(id)
            where exists (select from ${referralEdges} edge
                where edge.referrer_group_id = asked.id and edge.removed_at is null)`);
        return new Set(rows.map(({ id }) => id));
    }

    /** Those that were added: whoever has a referrer already keeps them. */
    async insertAll(edges: readonly NewEdge[]): Promise<Set<ReferralEdgeId>> {
        if (edges.length === 0) return new Set();
        const added = await this.db.rows<{ id: ReferralEdgeId }>(sql`
            insert into ${referralEdges}
                (id, merchant_id, referee_group_id, referrer_group_id, code, created_at)
            select * from ${unnest(edges, {
                id: "uuid",
                merchantId: "uuid",
                refereeGroupId: "uuid",
                referrerGroupId: "uuid",
                code: "text",
                createdAt: "timestamptz",
            })}
            on conflict do nothing returning id`);
        return new Set(added.map(({ id }) => id));
    }

    /** The edge that counts for a person at a shop or, without one, by a personal code. */
    async findCounting(
        groupId: GroupId,
        merchantId: MerchantId | undefined
    ): Promise<ReferralEdge | undefined> {
        const isHere = merchantId ? eq(referralEdges.merchantId, merchantId) : undefined;
        const [found] = await this.db.current
            .select()
            .from(referralEdges)
            .where(
                and(
                    eq(referralEdges.refereeGroupId, groupId),
                    or(isHere, isNull(referralEdges.merchantId)),
                    or(isNull(referralEdges.removedAt), eq(referralEdges.endReason, "removed"))
                )
            )
            .orderBy(
                sql`${referralEdges.merchantId} is null, ${referralEdges.removedAt} is not null`
            )
            .limit(1);
        return found?.removedAt === null ? found : undefined;
    }

    async remove(id: ReferralEdgeId, removedAt: Date): Promise<void> {
        await this.db.current
            .update(referralEdges)
            .set({ removedAt, endReason: "removed" })
            .where(and(eq(referralEdges.id, id), isNull(referralEdges.removedAt)));
    }

    /** From then on a personal edge does not count at this shop. */
    async hidePersonal(edge: NewEdge): Promise<void> {
        await this.db.current
            .insert(referralEdges)
            .values({ ...edge, removedAt: edge.createdAt, endReason: "removed" });
    }

    /** For each, by place, whoever brought them, whoever brought those, and so on, nearest first. */
    async findChains(queries: readonly ChainQuery[], maxDepth: number): Promise<GroupId[][]> {
        const chains = queries.map((): GroupId[] => []);
        if (queries.length === 0) return chains;
        const input = queries.map(({ merchantId, groupId }, position) => ({
            merchantId,
            groupId,
            position,
        }));
        const rows = await this.db.rows<{ position: number; node: GroupId }>(sql`
            with recursive chain as (
                select input.position, input."merchantId" as merchant, input."groupId" as node,
                    0 as depth, array[input."groupId"] as path
                from ${unnest(input, { merchantId: "uuid", groupId: "uuid", position: "integer" })}
                union all
                select chain.position, chain.merchant, next.node, chain.depth + 1,
                    chain.path || next.node
                from chain cross join lateral
                    (select ${referrerAt(sql`chain.merchant`, sql`chain.node`)} as node) next
                where chain.depth < ${maxDepth} and next.node <> all (chain.path)
            )
            select position, node from chain where depth > 0 order by position, depth`);
        for (const { position, node } of rows) chains[position]?.push(node);
        return chains;
    }
}
