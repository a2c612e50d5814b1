import { type ParsedCronItem, parseCronItems, type Runner, run } from "graphile-worker";
import type { Pool } from "pg";
import { hours } from "@/utils/time";
import { currentRequest } from "../observability/currentRequest";
import { jobRuns } from "../observability/metrics";
import type { JobName, Queue } from "./Queue";
import { queueLogger } from "./queueLogger";

/** Work that looks for rows which are due. `everyMs` is how long a row can wait when a wake-up was lost. */
export type Job = { name: JobName; everyMs: number; run(): Promise<void> };

const rare = ({ everyMs }: Job): boolean => everyMs >= hours(1);

/**
 * Runs the jobs of this process. A job that dies with its process is not waited for: its rows are still
 * due, and whoever looks next finds them (at start, on the next wake-up, every `everyMs`, every minute). What is rare is heavy: it keeps
 * its appointment across restarts, and is due every hour in any case.
 */
export class Worker {
    private runner: Runner | undefined;

    constructor(
        private readonly pool: Pool,
        private readonly queue: Queue,
        private readonly jobs: readonly Job[]
    ) {}

    async start(): Promise<void> {
        for (const job of this.jobs) await this.begin(job);
        this.runner = await run({
            pgPool: this.pool,
            concurrency: 4,
            pollInterval: 1_000,
            noHandleSignals: true,
            logger: queueLogger,
            taskList: Object.fromEntries(this.jobs.map((job) => [job.name, () => this.work(job)])),
            parsedCronItems: this.onTheClock(),
        });
    }

    async stop(): Promise<void> {
        await this.runner?.stop();
    }

    private begin(job: Job): Promise<void> {
        return rare(job) ? this.queue.wakeLater(job.name, job.everyMs) : this.queue.wake(job.name);
    }

    private async work(job: Job): Promise<void> {
        try {
            await currentRequest.run({ requestId: `job-${crypto.randomUUID()}` }, job.run);
            jobRuns.inc({ job: job.name, outcome: "done" });
        } catch (error) {
            jobRuns.inc({ job: job.name, outcome: "failed" });
            throw error;
        } finally {
            await this.queue.wakeLater(job.name, job.everyMs);
        }
    }

    private onTheClock(): ParsedCronItem[] {
        return parseCronItems(
            this.jobs.map((job) => ({
                task: job.name,
                match: rare(job) ? "0 * * * *" : "* * * * *",
                identifier: job.name,
                options: { backfillPeriod: 0, jobKey: job.name },
            }))
        );
    }
}
