import { isSilence } from "@/infrastructure/blockchain/isSilence";
import { log } from "@/infrastructure/observability/log";
import type { Database } from "@/infrastructure/persistence/Database";
import type { AuditRepository, Finding } from "./read/AuditRepository";
import type { Comparison, PaymentComparisonService } from "./read/PaymentComparisonService";

/** The comparison with the chain is missing when no node answered. */
export type Audit = { findings: Finding[]; chain: Comparison | undefined };

/** The newest two and a half million payments. */
const windows = 100;

/** The books are looked through, and what is wrong is told. */
export class AuditOrchestrator {
    constructor(
        private readonly db: Database,
        private readonly audits: AuditRepository,
        private readonly payments: PaymentComparisonService
    ) {}

    /** Everything that is not as it must be: nothing, unless there is a defect or somebody changed rows by hand. */
    async audit(): Promise<Audit> {
        const books = await this.auditBooks();
        const chain = await this.payments.compare(windows).catch((error: unknown) => {
            if (isSilence(error)) return undefined;
            throw error;
        });
        return { findings: [...books, ...(chain?.findings ?? [])], chain };
    }

    /** Fails when anything is wrong, so that the job shows as failed. The chain has a job of its own. */
    async assertBalanced(): Promise<void> {
        const findings = await this.auditBooks();
        if (findings.length > 0) throw new Error(`The audit found ${findings.length} faults`);
    }

    private async auditBooks(): Promise<Finding[]> {
        const findings = await this.db.transaction(async () => {
            await this.audits.takeTime();
            return this.audits.find();
        });
        for (const finding of findings) log.error(finding, "the books do not balance");
        return findings;
    }
}
