import { createApp, createOperationsApp } from "@/app";
import { messageBus } from "@/infrastructure/bus";
import { config } from "@/infrastructure/config";
import { log } from "@/infrastructure/observability/log";
import { pool } from "@/infrastructure/persistence/postgres";
import { queue } from "@/infrastructure/queue";
import { Worker } from "@/infrastructure/queue/Worker";
import { jobs } from "@/jobs";

const app = config.ROLE === "worker" ? createOperationsApp() : createApp();
const worker = config.ROLE === "api" ? undefined : new Worker(pool, queue, jobs);

for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void stop(signal));

await messageBus.start();
await worker?.start();
app.listen({ port: config.PORT });
log.info({ port: app.server?.port, role: config.ROLE }, "Commend is up");

/** Takes no more, finishes what is under way, lets go of everything. */
async function stop(signal: string): Promise<void> {
    log.info({ signal }, "stopping");
    await app.stop();
    await worker?.stop();
    await messageBus.stop();
    await pool.end();
    log.flush();
    process.exit(0);
}
