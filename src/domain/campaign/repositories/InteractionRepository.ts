import { and, asc, eq, gte, lte, ne, sql } from "drizzle-orm";
import type { Database } from "@/infrastructure/persistence/Database";
import { isAmong } from "@/infrastructure/persistence/isAmong";
import { unnest } from "@/infrastructure/persistence/unnest";
import type { GroupId, InteractionId, PurchaseId } from "@/utils/ids";
import { decisions, type Interaction, interactions } from "../db/schema";
import { isOpenedBy, type PurchaseKey } from "./isOpenedBy";

export type NewInteraction = Pick<
    Interaction,
    "id" | "merchantId" | "groupId" | "trigger" | "subject" | "data" | "occurredAt" | "dueAt"
>;
export type InteractionKey = Pick<Interaction, "merchantId" | "trigger" | "subject">;
export type PastQuery = Pick<Interaction, "merchantId" | "trigger"> & { since: Date };
export type DueInteraction = Pick<Interaction, "id" | "groupId">;
export type OpenedBy = { id: InteractionId; purchaseId: PurchaseId };

export class InteractionRepository {
    constructor(private readonly db: Database) {}

    /** The same subject opens one interaction, however often it is reported. Says which are new. */
    async open(rows: readonly NewInteraction[]): Promise<Set<InteractionId>> {
        if (rows.length === 0) return new Set();
        const opened = await this.db.rows<{ id: InteractionId }>(sql`
            insert into ${interactions}
                (id, merchant_id, group_id, trigger, subject, data, occurred_at, due_at)
            select * from ${unnest(rows, {
                id: "uuid",
                merchantId: "uuid",
                groupId: "uuid",
                trigger: "text",
                subject: "text",
                data: "jsonb",
                occurredAt: "timestamptz",
                dueAt: "timestamptz",
            })}
            on conflict do nothing
            returning id`);
        return new Set(opened.map(({ id }) => id));
    }

    /** Which interaction each subject opened, by its place in the list. */
    async findIds(keys: readonly InteractionKey[]): Promise<Map<number, InteractionId>> {
        if (keys.length === 0) return new Map();
        const input = keys.map(({ merchantId, trigger, subject }, position) => ({
            merchantId,
            trigger,
            subject,
            position,
        }));
        const rows = await this.db.rows<{ position: number; id: InteractionId }>(sql`
            select input.position, interaction.id
            from ${unnest(input, { merchantId: "uuid", trigger: "text", subject: "text", position: "integer" })}
            join ${interactions} interaction on interaction.merchant_id = input."merchantId"
                and interaction.trigger = input.trigger and interaction.subject = input.subject`);
        return new Map(rows.map(({ position, id }) => [position, id]));
    }

    async findDue(now: Date, limit: number): Promise<DueInteraction[]> {
        return this.db.current
            .select({ id: interactions.id, groupId: interactions.groupId })
            .from(interactions)
            .where(and(eq(interactions.status, "open"), lte(interactions.dueAt, now)))
            .orderBy(asc(interactions.dueAt), asc(interactions.id))
            .limit(limit);
    }

    /** What happened since then, oldest first, after the one before: for looking at it again. */
    async findPast(
        { merchantId, trigger, since }: PastQuery,
        { limit, after }: { limit: number; after: Interaction | undefined }
    ): Promise<Interaction[]> {
        const later = after
            ? sql`(${interactions.occurredAt}, ${interactions.id}) > (${after.occurredAt.toISOString()}::timestamptz, ${after.id}::uuid)`
            : undefined;
        return this.db.current
            .select()
            .from(interactions)
            .where(
                and(
                    eq(interactions.merchantId, merchantId),
                    eq(interactions.trigger, trigger),
                    gte(interactions.occurredAt, since),
                    later
                )
            )
            .orderBy(asc(interactions.occurredAt), asc(interactions.id))
            .limit(limit);
    }

    /** Those of them that are still open and that no other worker has; ours until the transaction ends. */
    async lockOpen(ids: readonly InteractionId[]): Promise<Interaction[]> {
        return this.db.current
            .select()
            .from(interactions)
            .where(and(isAmong(interactions.id, ids), eq(interactions.status, "open")))
            .orderBy(asc(interactions.occurredAt), asc(interactions.id))
            .for("update", { skipLocked: true });
    }

    /** Those that may still earn, kept so until the transaction ends. */
    async holdLive(ids: readonly InteractionId[]): Promise<Set<InteractionId>> {
        if (ids.length === 0) return new Set();
        const held = await this.db.current
            .select({ id: interactions.id })
            .from(interactions)
            .where(and(isAmong(interactions.id, ids), ne(interactions.status, "void")))
            .orderBy(asc(interactions.id))
            .for("share");
        return new Set(held.map(({ id }) => id));
    }

    async mark(ids: readonly InteractionId[], status: Interaction["status"]): Promise<void> {
        if (ids.length === 0) return;
        await this.db.current
            .update(interactions)
            .set({ status })
            .where(isAmong(interactions.id, ids));
    }

    /** Closes those that are not. Says which they were. */
    async void(ids: readonly InteractionId[]): Promise<InteractionId[]> {
        if (ids.length === 0) return [];
        const voided = await this.db.current
            .update(interactions)
            .set({ status: "void" })
            .where(and(isAmong(interactions.id, ids), ne(interactions.status, "void")))
            .returning({ id: interactions.id });
        return voided.map(({ id }) => id);
    }

    /** Which of them this person did. */
    async findOwn(groupId: GroupId, ids: readonly InteractionId[]): Promise<InteractionId[]> {
        if (ids.length === 0) return [];
        const found = await this.db.current
            .select({ id: interactions.id })
            .from(interactions)
            .where(and(isAmong(interactions.id, ids), eq(interactions.groupId, groupId)));
        return found.map(({ id }) => id);
    }

    /** Waits for whoever is evaluating what these purchases opened; then nobody does until the transaction ends. */
    async lockOf(purchases: readonly PurchaseKey[]): Promise<OpenedBy[]> {
        if (purchases.length === 0) return [];
        return this.db.rows<OpenedBy>(sql`
            select id, subject as "purchaseId" from ${interactions}
            where trigger = 'purchase' and ${isOpenedBy(purchases)} order by id for update`);
    }

    /** The inverse of `void`: what was decided before stays decided. Says which there were to revive. */
    async revive(ids: readonly InteractionId[]): Promise<InteractionId[]> {
        if (ids.length === 0) return [];
        const isDecided = sql`exists (select from ${decisions}
            where ${decisions.interactionId} = ${interactions.id})`;
        const revived = await this.db.current
            .update(interactions)
            .set({ status: sql`case when ${isDecided} then 'evaluated' else 'open' end` })
            .where(and(isAmong(interactions.id, ids), eq(interactions.status, "void")))
            .returning({ id: interactions.id });
        return revived.map(({ id }) => id);
    }

    /** Waits twice as long after every failure, an hour at the most, and is given up after `maxAttempts`. */
    async postpone(id: InteractionId, reason: string, maxAttempts: number): Promise<void> {
        const delay = sql`least(interval '1 second' * power(2, ${interactions.attempts}), interval '1 hour')`;
        await this.db.current
            .update(interactions)
            .set({
                attempts: sql`${interactions.attempts} + 1`,
                dueAt: sql`now() + ${delay}`,
                lastError: reason,
                status: sql`case when ${interactions.attempts} + 1 >= ${maxAttempts} then 'dead' else ${interactions.status} end`,
            })
            .where(and(eq(interactions.id, id), eq(interactions.status, "open")));
    }

    /** A subject that begins with the person's id moves with it, so that what was said once still counts once. */
    async reassign(from: GroupId, into: GroupId): Promise<void> {
        await this.db.current.execute(sql`
            update ${interactions} moved set group_id = ${into},
                subject = case when starts_with(moved.subject, ${from}) and not exists (
                        select from ${interactions} kept
                        where kept.merchant_id = moved.merchant_id and kept.trigger = moved.trigger
                            and kept.subject = ${into} || substr(moved.subject, 37))
                    then ${into} || substr(moved.subject, 37) else moved.subject end
            where moved.group_id = ${from}`);
    }
}
