import { type SQL, sql } from "drizzle-orm";
import type { Database } from "../persistence/Database";

/** What there is to do in the background. Each job looks for rows that are due: waking it twice does no harm. */
export type JobName =
    | "processDeliveries"
    | "evaluateInteractions"
    | "promoteWaiting"
    | "openSettlement"
    | "signBatches"
    | "followTransactions"
    | "closeSettlement"
    | "deployBanks"
    | "erasePeople"
    | "sendMailCodes"
    | "reconcileOrders"
    | "ageRewards"
    | "auditBooks"
    | "reconcilePayments"
    | "carryOutChainOrders"
    | "publishEpochs"
    | "deleteExpired";

/** The queue lives in the same database, so a wake-up is part of the transaction that causes the work. */
export class Queue {
    constructor(private readonly db: Database) {}

    /** Has the job run as soon as the caller's transaction commits; many wake-ups before it starts are one. */
    async wake(job: JobName): Promise<void> {
        await this.db.current.execute(sql`select ${waking(job)}`);
    }

    /** Has the job run after that time, besides whatever else wakes it. An earlier appointment stands. */
    async wakeLater(job: JobName, ms: number): Promise<void> {
        const key = `${job}:later`;
        await this.db.current.execute(
            sql`select graphile_worker.add_job(${job}::text, job_key := ${key}::text,
                run_at := now() + ${ms} * interval '1 millisecond',
                job_key_mode := 'preserve_run_at')`
        );
    }
}

/** A wake-up as part of another statement, for where a round trip counts. */
export const waking = (job: JobName): SQL =>
    sql`graphile_worker.add_job(${job}::text, job_key := ${job}::text)`;
