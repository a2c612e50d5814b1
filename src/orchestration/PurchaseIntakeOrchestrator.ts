import type { IdentityService } from "@/domain/identity";
import type {
    AttributedReport,
    Delivery,
    DeliveryService,
    OrderKey,
    PurchaseRecordingService,
    Read,
} from "@/domain/purchases";
import type { Database } from "@/infrastructure/persistence/Database";
import { drain } from "@/infrastructure/queue/drain";
import type { GroupId } from "@/utils/ids";
import type { PurchaseConsequenceService } from "./PurchaseConsequenceService";

type Reported = Extract<Read, { outcome: "report" }>;

const batchSize = 100;

/** Shops told us of orders: we learn what was bought, whose it is, and what follows for rewards. */
export class PurchaseIntakeOrchestrator {
    constructor(
        private readonly db: Database,
        private readonly deliveries: DeliveryService,
        private readonly identities: IdentityService,
        private readonly recording: PurchaseRecordingService,
        private readonly consequences: PurchaseConsequenceService
    ) {}

    async processDue(): Promise<void> {
        await drain<Delivery>(this.db, {
            batchSize,
            lanes: 2,
            take: (limit, only) =>
                this.deliveries.lockDue(
                    limit,
                    only?.map(({ id }) => id)
                ),
            work: (deliveries) => this.process(deliveries),
            postpone: ({ id }, reason) => this.deliveries.postpone(id, reason),
        });
    }

    private async process(deliveries: readonly Delivery[]): Promise<void> {
        const reads = deliveries.map((delivery) => this.deliveries.read(delivery));
        const reported = reads.filter((read) => read.outcome === "report");
        if (reported.length > 0) await this.record(reported);
        await this.deliveries.close(reads.map(asProcessed));
    }

    private async record(reported: readonly Reported[]): Promise<void> {
        const attributed = await this.attribute(reported);
        const purchases = await this.recording.record(attributed, (ids) =>
            this.identities.hold(ids)
        );
        await this.consequences.follow(purchases);
    }

    /** People are held before orders are locked, here and everywhere, so that nobody waits in a circle. */
    private async attribute(reported: readonly Reported[]): Promise<AttributedReport[]> {
        const keys = reported.map(({ delivery, report }) => keyOf(delivery, report.externalId));
        const linked = await this.recording.findGroups(keys);
        await this.identities.hold([...linked.values()]);
        const clients = await this.clientGroups(reported);
        return reported.map((one, index) => ({
            key: keys[index] as OrderKey,
            report: one.report,
            clientGroup: clients.get(one),
        }));
    }

    private async clientGroups(reported: readonly Reported[]): Promise<Map<Reported, GroupId>> {
        const withClient = reported.flatMap((one) => {
            const { clientId } = one.report;
            const { merchantId } = one.delivery;
            return clientId
                ? [{ one, key: { kind: "client", clientId, merchantId } as const }]
                : [];
        });
        if (withClient.length === 0) return new Map();
        const groups = await this.identities.resolve(
            withClient.map(({ key }) => this.identities.keyOf(key))
        );
        return new Map(withClient.map(({ one }, index) => [one, groups[index] as GroupId]));
    }
}

const keyOf = ({ merchantId, platform }: Delivery, externalId: string): OrderKey => ({
    merchantId,
    platform,
    externalId,
});

function asProcessed(read: Read) {
    const { id } = read.delivery;
    if (read.outcome === "report") {
        return {
            id,
            status: "processed",
            externalId: read.report.externalId,
            reason: null,
        } as const;
    }
    return { id, status: read.outcome, externalId: null, reason: read.reason } as const;
}
