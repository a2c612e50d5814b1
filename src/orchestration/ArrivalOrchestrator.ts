import type { Recorded, Utm } from "@/domain/attribution";
import type { IdentityService, NodeKey } from "@/domain/identity";
import type { MerchantService } from "@/domain/merchant";
import type { ShareCodeService } from "@/domain/referral";
import { MicroBatch } from "@/infrastructure/persistence/MicroBatch";
import type { GroupId, MerchantId } from "@/utils/ids";
import type { Clock } from "@/utils/time";
import type { ArrivalRecordingService } from "./ArrivalRecordingService";
import { readLanding } from "./readLanding";

export type Visit = {
    merchantId: MerchantId;
    visitor: NodeKey;
    landingUrl: string | undefined;
    referralCode: string | undefined;
    utm: Utm | undefined;
};
type Arrival = Visit & { occurredAt: Date };

/** Somebody comes to a shop: who it was and who brought them becomes a touchpoint. */
export class ArrivalOrchestrator {
    private readonly batch = new MicroBatch<Arrival, Recorded>((arrivals) => this.keep(arrivals));

    constructor(
        private readonly merchants: MerchantService,
        private readonly identities: IdentityService,
        private readonly shareCodes: ShareCodeService,
        private readonly arrivals: ArrivalRecordingService,
        private readonly clock: Clock
    ) {}

    /** Returns once it is durable; many arrivals share a commit. An unknown code is no error: nobody referred. */
    async record(visit: Visit): Promise<Recorded> {
        await this.merchants.get(visit.merchantId);
        return this.batch.add({ ...visit, ...readLanding(visit), occurredAt: this.clock.now() });
    }

    /** People and codes are looked up as they were a moment ago; the statements that write hold them. */
    private async keep(arrivals: readonly Arrival[]): Promise<Recorded[]> {
        const groups = await this.identities.resolveLoosely(arrivals.map(({ visitor }) => visitor));
        const owners = await this.shareCodes.ownersOf(arrivals);
        return this.arrivals.record(
            arrivals.map(({ visitor: _, referralCode: code = "", ...arrival }, position) => {
                const owner = owners[position];
                const referrer = owner && { ...owner, code };
                return { ...arrival, groupId: groups[position] as GroupId, referrer };
            })
        );
    }
}
