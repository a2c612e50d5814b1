import { log } from "@/infrastructure/observability/log";
import type { Database } from "@/infrastructure/persistence/Database";
import type { AuditRepository, Finding } from "./read/AuditRepository";

/** The books are looked through, and what is wrong is told. */
export class AuditOrchestrator {
    constructor(
        private readonly db: Database,
        private readonly audits: AuditRepository
    ) {}

    /** Everything that is not as it must be: nothing, unless there is a defect or somebody changed rows by hand. */
    async audit(): Promise<Finding[]> {
        const findings = await this.db.transaction(async () => {
            await this.audits.takeTime();
            return this.audits.find();
        });
        for (const finding of findings) log.error(finding, "the books do not balance");
        return findings;
    }

    /** Fails when anything is wrong, so that the job shows as failed. */
    async assertBalanced(): Promise<void> {
        const findings = await this.audit();
        if (findings.length > 0) throw new Error(`The audit found ${findings.length} faults`);
    }
}
