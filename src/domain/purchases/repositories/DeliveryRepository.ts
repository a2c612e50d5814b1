import { and, asc, desc, eq, getTableColumns, inArray, lt, lte, sql } from "drizzle-orm";
import type { Database } from "@/infrastructure/persistence/Database";
import { unnest } from "@/infrastructure/persistence/unnest";
import { waking } from "@/infrastructure/queue/Queue";
import type { DeliveryId, MerchantId } from "@/utils/ids";
import { type Delivery, type Platform, webhookDeliveries } from "../db/schema";
import { opened } from "./DeliveryBodyRepository";

export type NewDelivery = Pick<
    Delivery,
    | "id"
    | "merchantId"
    | "platform"
    | "dedupeKey"
    | "topic"
    | "headers"
    | "body"
    | "bodySha256"
    | "requestId"
    | "receivedAt"
>;
export type PageQuery = {
    limit: number;
    before: string | undefined;
    status: Delivery["status"] | undefined;
};
/** Figures of the last 24 hours, but for what waits: that is of now. */
export type Health = {
    lastReceivedAt: Date | null;
    oldestWaitingAt: Date | null;
    waiting: number;
    processed: number;
    ignored: number;
    dead: number;
};
type HealthRow = {
    status: Delivery["status"];
    lastReceivedAt: string | null;
    firstReceivedAt: string | null;
    count: string;
};
export type DeliverySummary = Omit<Delivery, "body" | "bodySha256" | "headers">;
export type Processed = {
    id: DeliveryId;
    status: "processed" | "ignored" | "dead";
    externalId: string | null;
    reason: string | null;
};

export class DeliveryRepository {
    constructor(private readonly db: Database) {}

    /**
     * Keeps those that are new and wakes who processes them, in one statement and so in one commit. Says which
     * were new. The bodies, a fifth of their size by zstd, travel as one parameter and are cut apart by Postgres: as an array they would be
     * sent in hex, at twice the size.
     */
    async insertNew(deliveries: readonly NewDelivery[]): Promise<Set<DeliveryId>> {
        let offset = 1;
        const compressed = deliveries.map(({ body }) => Bun.zstdCompressSync(body, { level: 1 }));
        const rows = deliveries.map(({ body: _, ...delivery }, position) => {
            const start = offset;
            const { length } = compressed[position] ?? [];
            offset += length ?? 0;
            return { ...delivery, start, length };
        });
        const bodies = Buffer.concat(compressed);
        const added = await this.db.rows<{ id: DeliveryId }>(sql`
            with added as (
                insert into ${webhookDeliveries} (id, merchant_id, platform, dedupe_key, topic, headers,
                    body, body_sha256, request_id, received_at, due_at)
                select id, "merchantId", platform, "dedupeKey", topic, headers,
                    substring(${bodies}::bytea from start for length), "bodySha256", "requestId",
                    "receivedAt", "receivedAt"
                from ${unnest(rows, {
                    id: "uuid",
                    merchantId: "uuid",
                    platform: "text",
                    dedupeKey: "text",
                    topic: "text",
                    headers: "jsonb",
                    bodySha256: "bytea",
                    requestId: "text",
                    receivedAt: "timestamptz",
                    start: "integer",
                    length: "integer",
                })}
                on conflict do nothing
                returning id
            ), woken as (
                select ${waking("processDeliveries")} from (select from added limit 1) one
            )
            select id from added where (select count(*) from woken) >= 0`);
        return new Set(added.map(({ id }) => id));
    }

    async findByKey({
        merchantId,
        platform,
        dedupeKey,
    }: {
        merchantId: MerchantId;
        platform: Platform;
        dedupeKey: string;
    }): Promise<DeliveryId | undefined> {
        const [found] = await this.db.current
            .select({ id: webhookDeliveries.id })
            .from(webhookDeliveries)
            .where(
                and(
                    eq(webhookDeliveries.merchantId, merchantId),
                    eq(webhookDeliveries.platform, platform),
                    eq(webhookDeliveries.dedupeKey, dedupeKey)
                )
            );
        return found?.id;
    }

    /**
     * What is to be processed, longest waiting first; ours until the transaction ends. Chosen by id first, so
     * that no body is sorted.
     */
    async lockDue(now: Date, limit: number, ids?: readonly DeliveryId[]): Promise<Delivery[]> {
        const chosen = this.db.current
            .select({ id: webhookDeliveries.id })
            .from(webhookDeliveries)
            .where(
                and(
                    eq(webhookDeliveries.status, "received"),
                    lte(webhookDeliveries.dueAt, now),
                    ids && inArray(webhookDeliveries.id, [...ids])
                )
            )
            .orderBy(asc(webhookDeliveries.dueAt), asc(webhookDeliveries.id))
            .limit(limit)
            .for("update", { skipLocked: true });
        const due = await this.db.current
            .select()
            .from(webhookDeliveries)
            .where(inArray(webhookDeliveries.id, chosen))
            .orderBy(asc(webhookDeliveries.dueAt), asc(webhookDeliveries.id));
        return due.map((one) => ({ ...one, body: opened(one.body) }));
    }

    async close(rows: readonly Processed[]): Promise<void> {
        if (rows.length === 0) return;
        await this.db.current.execute(sql`
            update ${webhookDeliveries} delivery
            set status = input.status, external_id = input."externalId", reason = input.reason,
                attempts = delivery.attempts + 1, processed_at = now()
            from ${unnest(rows, { id: "uuid", status: "text", externalId: "text", reason: "text" })}
            where delivery.id = input.id`);
    }

    /** Waits twice as long after every failure, an hour at the most; `maxAttempts` make it a dead letter. */
    async postpone(id: DeliveryId, reason: string, maxAttempts: number): Promise<void> {
        const delay = sql`least(interval '1 second' * power(2, ${webhookDeliveries.attempts}), interval '1 hour')`;
        await this.db.current
            .update(webhookDeliveries)
            .set({
                attempts: sql`${webhookDeliveries.attempts} + 1`,
                dueAt: sql`now() + ${delay}`,
                reason,
                status: sql`case when ${webhookDeliveries.attempts} + 1 >= ${maxAttempts} then 'dead' else ${webhookDeliveries.status} end`,
            })
            .where(and(eq(webhookDeliveries.id, id), eq(webhookDeliveries.status, "received")));
    }

    async findOfMerchant(
        merchantId: MerchantId,
        { limit, before, status }: PageQuery
    ): Promise<DeliverySummary[]> {
        return this.db.current
            .select(summary)
            .from(webhookDeliveries)
            .where(
                and(
                    eq(webhookDeliveries.merchantId, merchantId),
                    before ? lt(webhookDeliveries.id, before as DeliveryId) : undefined,
                    status ? eq(webhookDeliveries.status, status) : undefined
                )
            )
            .orderBy(desc(webhookDeliveries.id))
            .limit(limit);
    }

    async find(merchantId: MerchantId, id: DeliveryId): Promise<DeliverySummary | undefined> {
        const [found] = await this.db.current
            .select(summary)
            .from(webhookDeliveries)
            .where(and(eq(webhookDeliveries.id, id), eq(webhookDeliveries.merchantId, merchantId)));
        return found;
    }

    /** Wakes who processes it, in the same statement. Nothing when its body is gone. */
    async makeDue(id: DeliveryId, now: Date): Promise<DeliverySummary | undefined> {
        const [due] = await this.db.current
            .update(webhookDeliveries)
            .set({ status: "received", attempts: 0, reason: null, dueAt: now, processedAt: null })
            .where(and(eq(webhookDeliveries.id, id), sql`length(${webhookDeliveries.body}) > 0`))
            .returning(summary);
        if (due) await this.db.current.execute(sql`select ${waking("processDeliveries")}`);
        return due;
    }

    /** However many there are of a merchant, none is read but what waits and what came in the last day. */
    async healthOf({
        merchantId,
        platform,
        now,
    }: {
        merchantId: MerchantId;
        platform: Platform;
        now: Date;
    }): Promise<Health> {
        const since = sql`${now.toISOString()}::timestamptz - interval '24 hours'`;
        const theirs = sql`merchant_id = ${merchantId} and platform = ${platform}`;
        const fared = sql`${theirs} and status <> 'received' and status = told.status`;
        const rows = await this.db.rows<HealthRow>(sql`
            select told.status,
                (select max(received_at) from ${webhookDeliveries} where ${fared}) as "lastReceivedAt",
                null as "firstReceivedAt",
                (select count(*) from ${webhookDeliveries} where ${fared} and received_at > ${since}) as count
            from (values ('processed'), ('ignored'), ('dead')) as told (status)
            union all
            select 'received', max(received_at), min(received_at), count(*)
            from ${webhookDeliveries} where ${theirs} and status = 'received'`);
        const of = new Map(rows.map((row) => [row.status, row]));
        const countOf = (status: Delivery["status"]) => Number(of.get(status)?.count ?? 0);
        const last = rows.flatMap((row) => row.lastReceivedAt ?? []).map((at) => Date.parse(at));
        const oldest = of.get("received")?.firstReceivedAt;
        return {
            lastReceivedAt: last.length > 0 ? new Date(Math.max(...last)) : null,
            oldestWaitingAt: oldest ? new Date(oldest) : null,
            waiting: countOf("received"),
            processed: countOf("processed"),
            ignored: countOf("ignored"),
            dead: countOf("dead"),
        };
    }
}

const { body: _, bodySha256: __, headers: ___, ...summary } = getTableColumns(webhookDeliveries);
