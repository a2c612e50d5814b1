/** `npm run audit`: looks through the books (spec 05 §2) and lists what is wrong; exits with 1 when anything is. */
import { pool } from "@/infrastructure/persistence/postgres";
import { OrchestrationContext } from "@/orchestration";

const startedAt = performance.now();
const findings = await OrchestrationContext.audit.audit();
const ms = Math.round(performance.now() - startedAt);
if (findings.length > 0) console.table(findings);
console.log(
    `${findings.length === 0 ? "The books balance" : `${findings.length} faults`} (${ms} ms)`
);
await pool.end();
process.exit(findings.length > 0 ? 1 : 0);
