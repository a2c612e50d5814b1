/**
 * `npm run audit`: looks through the books (spec 05 §2), compares payments with the chain, and lists what is wrong;
 * exits with 1 when anything is. Where no `DATABASE_URL` is set, those of `npm run dev`.
 */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { joinDevelopment } from "./development/servers";

const folder = resolve(process.env["DATA_DIR"] || ".commend");
const isDevelopment = !process.env["DATABASE_URL"] && existsSync(join(folder, "keys.json"));
if (isDevelopment) await joinDevelopment(folder);
const { pool } = await import("@/infrastructure/persistence/postgres");
const { OrchestrationContext } = await import("@/orchestration");

const startedAt = performance.now();
const { findings, chain } = await OrchestrationContext.audit.audit();
const ms = Math.round(performance.now() - startedAt);
if (findings.length > 0) console.table(findings);
console.log(
    chain
        ? `${chain.count} payments were compared with the chain as of block ${chain.block}`
        : "Payments were not compared with the chain: no node answers"
);
console.log(
    findings.length === 0
        ? `All is as it must be (${ms} ms)`
        : `${findings.length} faults (${ms} ms)`
);
await pool.end();
process.exit(findings.length > 0 ? 1 : 0);
