/** `bun scripts/job.ts <name>`: does one background job once, here and now, beside whatever workers run. */
import { pool } from "@/infrastructure/persistence/postgres";
import { jobs } from "@/jobs";

const [name] = process.argv.slice(2);
const job = jobs.find((one) => one.name === name);
if (!job) {
    console.error(`Name one of these jobs: ${jobs.map((one) => one.name).join(", ")}`);
    process.exit(1);
}
await job.run();
await pool.end();
process.exit(0);
