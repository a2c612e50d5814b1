import { and, asc, eq, isNull, ne, or, sql } from "drizzle-orm";
import type { Database } from "@/infrastructure/persistence/Database";
import { isAmong } from "@/infrastructure/persistence/isAmong";
import { unnest } from "@/infrastructure/persistence/unnest";
import type { GroupId, MerchantId } from "@/utils/ids";
import { identityGroups, identityMerges, identityNodes, type PersonKeyId } from "../db/schema";

/** One identifier, in the form it is looked up by. */
export type NodeKey = {
    kind: "client" | "customer" | "wallet" | "email";
    lookup: string;
    merchantId: MerchantId | null;
};
export type NewNode = NodeKey & { id: string; groupId: GroupId };
export type Merge = {
    winnerId: GroupId;
    loserId: GroupId;
    reason: string;
    evidence: Record<string, unknown>;
    moved: Record<string, string[]>;
};
export type Node = typeof identityNodes.$inferSelect;
/** Everything of a person, or what one shop has of them. */
export type ErasureScope = { groupId: GroupId; merchantId: MerchantId | null };

/** Any number that nobody else locks. */
const mergeLock = 7_316_003;

export class IdentityRepository {
    constructor(private readonly db: Database) {}

    /** The group of each key that has one, by the key's place in the list. */
    async findGroups(keys: readonly NodeKey[]): Promise<Map<number, GroupId>> {
        if (keys.length === 0) return new Map();
        const input = keys.map((key, position) => ({ ...key, position }));
        const rows = await this.db.rows<{ position: number; groupId: GroupId }>(sql`
            select input.position, node.group_id as "groupId"
            from ${unnest(input, { kind: "text", lookup: "text", merchantId: "uuid", position: "integer" })}
            join ${identityNodes} node on node.kind = input.kind and node.lookup = input.lookup
                and node.merchant_id is not distinct from input."merchantId"
                and node.unlinked_at is null`);
        return new Map(rows.map(({ position, groupId }) => [position, groupId]));
    }

    /**
     * Makes the groups of identifiers that nobody had, and says which those were. Whoever inserts an identifier
     * first decides whose it is; the others wait for them and insert nothing. A wallet comes with its passkey's proof,
     * a customer with the shop's signature and a mail address with its code.
     */
    async insertNodes(nodes: readonly NewNode[]): Promise<Set<GroupId>> {
        const added = await this.db.rows<{ groupId: GroupId }>(sql`
            with added as (
                insert into ${identityNodes} (id, group_id, kind, lookup, merchant_id, verified_at)
                select id, "groupId", kind, lookup, "merchantId",
                    case when kind in ('wallet', 'customer', 'email') then now() end
                from ${unnest(nodes, {
                    id: "uuid",
                    groupId: "uuid",
                    kind: "text",
                    lookup: "text",
                    merchantId: "uuid",
                })}
                order by kind, lookup, "merchantId"
                on conflict do nothing
                returning group_id
            )
            insert into ${identityGroups} (id) select group_id from added returning id as "groupId"`);
        return new Set(added.map(({ groupId }) => groupId));
    }

    /** Identifiers of groups that are there; those that have a group already are left as they are. */
    async attach(nodes: readonly NewNode[]): Promise<void> {
        if (nodes.length === 0) return;
        await this.db.current.execute(sql`
            insert into ${identityNodes} (id, group_id, kind, lookup, merchant_id)
            select * from ${unnest(nodes, {
                id: "uuid",
                groupId: "uuid",
                kind: "text",
                lookup: "text",
                merchantId: "uuid",
            })}
            order by kind, lookup, "merchantId"
            on conflict do nothing`);
    }

    /**
     * Keeps these groups from losing a merge until the transaction ends, and says where each leads to now.
     * What is written under the id that comes back cannot be stranded.
     */
    async hold(ids: readonly GroupId[]): Promise<Map<GroupId, GroupId>> {
        const held = await this.db.rows<Led>(
            sql`select id, live from hold_groups(${sql.param([...new Set(ids)])}::uuid[])`
        );
        return asMap(ids, held);
    }

    /** One merge at a time, so that where groups lead to stays as it is while they are locked. */
    async lockMerges(): Promise<void> {
        await this.db.current.execute(sql`select pg_advisory_xact_lock(${mergeLock})`);
    }

    /**
     * Ours alone until the transaction ends: nobody writes under these groups meanwhile. Leads where `hold` does,
     * and in the same order, so that the two never wait for each other. Must be called under `lockMerges`.
     */
    async lockAlone(ids: readonly GroupId[]): Promise<Map<GroupId, GroupId>> {
        const led = await this.db.current
            .select({
                id: identityGroups.id,
                live: sql<GroupId>`coalesce(${identityGroups.mergedInto}, ${identityGroups.id})`,
            })
            .from(identityGroups)
            .where(isAmong(identityGroups.id, ids));
        const live = led.map((one) => one.live);
        await this.db.current
            .select({ id: identityGroups.id })
            .from(identityGroups)
            .where(isAmong(identityGroups.id, live))
            .orderBy(asc(identityGroups.id))
            .for("update");
        return asMap(ids, led);
    }

    async findWallets(ids: readonly GroupId[]): Promise<Map<GroupId, string>> {
        if (ids.length === 0) return new Map();
        const rows = await this.db.current
            .select({ groupId: identityNodes.groupId, lookup: identityNodes.lookup })
            .from(identityNodes)
            .where(
                and(
                    isAmong(identityNodes.groupId, ids),
                    eq(identityNodes.kind, "wallet"),
                    isNull(identityNodes.unlinkedAt)
                )
            );
        return new Map(rows.map(({ groupId, lookup }) => [groupId, lookup]));
    }

    /** The live identifiers of a person, oldest first. */
    async findNodes(groupId: GroupId): Promise<Node[]> {
        return this.db.current
            .select()
            .from(identityNodes)
            .where(and(eq(identityNodes.groupId, groupId), isNull(identityNodes.unlinkedAt)))
            .orderBy(asc(identityNodes.id));
    }

    /** Gives an identifier to a person who is held. Nothing when somebody has it. */
    async link(groupId: GroupId, key: NodeKey): Promise<void> {
        await this.db.current
            .insert(identityNodes)
            .values({ ...key, groupId })
            .onConflictDoNothing();
    }

    /** The identifier is nobody's any more; that it was theirs stays on record. */
    async unlink({ kind, lookup }: NodeKey): Promise<void> {
        await this.db.current
            .update(identityNodes)
            .set({ unlinkedAt: sql`now()` })
            .where(
                and(
                    eq(identityNodes.kind, kind),
                    eq(identityNodes.lookup, lookup),
                    isNull(identityNodes.unlinkedAt)
                )
            );
    }

    /** What they are customers by goes, but for that one: shops will say it again, of whomever it is true. */
    async deleteCustomers(ids: readonly GroupId[], kept: string): Promise<void> {
        await this.db.current
            .delete(identityNodes)
            .where(
                and(
                    isAmong(identityNodes.groupId, ids),
                    eq(identityNodes.kind, "customer"),
                    ne(identityNodes.lookup, kept)
                )
            );
    }

    async putSealed(id: Node["id"], sealed: string, keyId: PersonKeyId): Promise<void> {
        await this.db.current
            .update(identityNodes)
            .set({ sealed, keyId })
            .where(eq(identityNodes.id, id));
    }

    /** Its identifiers go, hashes and all. */
    async erase({ groupId, merchantId }: ErasureScope): Promise<void> {
        const isTheShops = merchantId ? eq(identityNodes.merchantId, merchantId) : undefined;
        await this.db.current
            .delete(identityNodes)
            .where(and(eq(identityNodes.groupId, groupId), isTheShops));
    }

    async reassign(from: GroupId, into: GroupId): Promise<void> {
        await this.db.current
            .update(identityNodes)
            .set({ groupId: into })
            .where(eq(identityNodes.groupId, from));
    }

    async redirect({ winnerId, loserId, ...merge }: Merge): Promise<void> {
        // Those who led to the loser lead to the winner: a redirect is one step long.
        await this.db.current
            .update(identityGroups)
            .set({ mergedInto: winnerId })
            .where(or(eq(identityGroups.id, loserId), eq(identityGroups.mergedInto, loserId)));
        await this.db.current.insert(identityMerges).values({ winnerId, loserId, ...merge });
    }
}

/** A group, and the one that it leads to. */
type Led = { id: GroupId; live: GroupId };

function asMap(ids: readonly GroupId[], led: readonly Led[]): Map<GroupId, GroupId> {
    const leadsTo = new Map(led.map(({ id, live }) => [id, live]));
    for (const id of ids) {
        if (!leadsTo.has(id)) throw new Error(`Identity group ${id} does not exist`);
    }
    return leadsTo;
}
