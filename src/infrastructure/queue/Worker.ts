import { type ParsedCronItem, parseCronItems, type Runner, run } from "graphile-worker";
import type { Pool } from "pg";
import { currentRequest } from "../observability/currentRequest";
import { jobRuns } from "../observability/metrics";
import type { JobName, Queue } from "./Queue";
import { queueLogger } from "./queueLogger";

/** Work that looks for rows which are due. `everyMs` is how long a row can wait when a wake-up was lost. */
export type Job = { name: JobName; everyMs: number; run(): Promise<void> };

const hourMs = 3_600_000;

/**
 * Runs the jobs of this process. A job that dies with its process is not waited for: its rows are still
 * due, and whoever looks next finds them (at start, on the next wake-up, every `everyMs`, every minute or, for the rare ones, every hour).
 */
export class Worker {
    private runner: Runner | undefined;

    constructor(
        private readonly pool: Pool,
        private readonly queue: Queue,
        private readonly jobs: readonly Job[]
    ) {}

    async start(): Promise<void> {
        for (const { name } of this.jobs) await this.queue.wake(name);
        this.runner = await run({
            pgPool: this.pool,
            concurrency: 4,
            pollInterval: 1_000,
            noHandleSignals: true,
            logger: queueLogger,
            taskList: Object.fromEntries(this.jobs.map((job) => [job.name, () => this.work(job)])),
            parsedCronItems: this.everyMinute(),
        });
    }

    async stop(): Promise<void> {
        await this.runner?.stop();
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

    private everyMinute(): ParsedCronItem[] {
        return parseCronItems(
            this.jobs.map(({ name, everyMs }) => ({
                task: name,
                match: everyMs < hourMs ? "* * * * *" : "0 * * * *",
                identifier: name,
                options: { backfillPeriod: 0, jobKey: name },
            }))
        );
    }
}
