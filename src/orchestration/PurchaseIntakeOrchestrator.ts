import type { IdentityService } from "@/domain/identity";
import type {
    Delivery,
    DeliveryService,
    KeyedReport,
    Purchase,
    PurchaseRecordingService,
    Read,
} from "@/domain/purchases";
import type { Database } from "@/infrastructure/persistence/Database";
import { drain } from "@/infrastructure/queue/drain";
import type { BuyerService } from "./BuyerService";
import type { PurchaseConsequenceService } from "./PurchaseConsequenceService";
import type { ShopMessageService } from "./ShopMessageService";

type Reported = Extract<Read, { outcome: "report" }>;
type Flow = {
    buyers: BuyerService;
    consequences: PurchaseConsequenceService;
    messages: ShopMessageService;
};

const batchSize = 100;

/** Shops told us of orders: we learn what was bought, whose it is, and what follows for rewards. */
export class PurchaseIntakeOrchestrator {
    constructor(
        private readonly db: Database,
        private readonly deliveries: DeliveryService,
        private readonly identities: IdentityService,
        private readonly recording: PurchaseRecordingService,
        private readonly flow: Flow
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
            // What went wrong inside is in the log; the reason is for the merchant to read.
            postpone: ({ id }) =>
                this.deliveries.postpone(id, "Failed on our side; tried again later"),
        });
    }

    private async process(deliveries: readonly Delivery[]): Promise<void> {
        const reads = deliveries.map((delivery) => this.deliveries.read(delivery));
        const reported = reads.filter((read) => read.outcome === "report");
        if (reported.length > 0) await this.record(reported);
        await this.flow.messages.take(reads);
        await this.deliveries.close(reads.map(asProcessed));
    }

    private async record(reported: readonly Reported[]): Promise<void> {
        const buyers = await this.flow.buyers.find(reported.map(keyed));
        const { purchases, linked, same } = await this.recording.record(buyers.reports, (ids) =>
            this.identities.hold(ids)
        );
        // Somebody claimed one of these orders while we looked who its buyer is.
        for (const groups of same) await this.flow.buyers.unite(groups);
        await this.flow.buyers.noteCodes(linked, buyers);
        await this.flow.consequences.follow(await this.underLiveGroups(purchases, same.length > 0));
    }

    private async underLiveGroups(
        purchases: readonly Purchase[],
        hasMoved: boolean
    ): Promise<readonly Purchase[]> {
        if (!hasMoved) return purchases;
        const groups = purchases.flatMap(({ groupId }) => groupId ?? []);
        const live = await this.identities.hold(groups);
        return purchases.map((one) => ({
            ...one,
            groupId: one.groupId && (live.get(one.groupId) ?? one.groupId),
        }));
    }
}

const keyed = ({ delivery: { merchantId, platform }, report }: Reported): KeyedReport => ({
    key: { merchantId, platform, externalId: report.externalId },
    report,
});

function asProcessed(read: Read) {
    const { id } = read.delivery;
    const done = { id, status: "processed", externalId: null, reason: null } as const;
    if (read.outcome === "report") return { ...done, externalId: read.report.externalId };
    if (read.outcome === "event") return done;
    if (read.outcome === "notice") return { ...done, reason: reasons[read.notice.about] };
    return { id, status: read.outcome, externalId: null, reason: read.reason } as const;
}

const reasons = {
    customerErasure: "What we kept of this customer was erased",
    shopErasure: "What this shop sent was erased",
    dataRequest: "A customer asks the shop for their data: answer within 30 days",
    uninstalled: "The shop took the app away",
} as const;
