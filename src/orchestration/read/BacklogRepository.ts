import { sql } from "drizzle-orm";
import type { Database } from "@/infrastructure/persistence/Database";

/** What waits for a job, of one kind. */
export type Backlog = { kind: string; count: number; oldestSeconds: number };

/** Reads partial indexes only, so that a scrape costs the same however much is done already. */
export class BacklogRepository {
    constructor(private readonly db: Database) {}

    async list(): Promise<Backlog[]> {
        const rows = await this.db.rows<{ kind: string; count: string; oldestSeconds: string }>(sql`
            select kind, count(*) as count,
                coalesce(extract(epoch from now() - min(since)), 0) as "oldestSeconds"
            from (
                select 'deliveries' as kind, received_at as since
                from webhook_deliveries where status = 'received'
                union all
                select 'interactions', due_at from interactions where status = 'open'
                union all
                select 'rewards', available_at from rewards
                where status in ('available', 'waitsForFunds') and wallet is not null
                union all
                select 'batches', created_at from settlement_batches where status <> 'applied'
                union all
                select 'mails', created_at from identity_mail_codes
                where sealed_address is not null
                union all
                select 'jobs', run_at from graphile_worker.jobs where run_at < now()
            ) as waiting
            group by kind`);
        return rows.map(({ kind, count, oldestSeconds }) => ({
            kind,
            count: Number(count),
            oldestSeconds: Number(oldestSeconds),
        }));
    }
}
