import type { AttributionService, Recorded, Utm } from "@/domain/attribution";
import type { IdentityService, NodeKey } from "@/domain/identity";
import type { MerchantService } from "@/domain/merchant";
import type { ReferralService } from "@/domain/referral";
import { MicroBatch } from "@/infrastructure/persistence/MicroBatch";
import type { GroupId, MerchantId } from "@/utils/ids";
import type { Clock } from "@/utils/time";
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
        private readonly referral: ReferralService,
        private readonly attribution: AttributionService,
        private readonly clock: Clock
    ) {}

    /** Returns once it is durable; many arrivals share a commit. An unknown code is no error: nobody referred. */
    async record(visit: Visit): Promise<Recorded> {
        await this.merchants.get(visit.merchantId);
        return this.batch.add({ ...visit, ...readLanding(visit), occurredAt: this.clock.now() });
    }

    /** People and codes are looked up as they were a moment ago; the one statement that writes holds them. */
    private async keep(arrivals: readonly Arrival[]): Promise<Recorded[]> {
        const groups = await this.identities.resolveLoosely(arrivals.map(({ visitor }) => visitor));
        const owners = await this.referral.ownersOf(arrivals);
        return this.attribution.record(
            arrivals.map(({ visitor: _, referralCode, ...arrival }, position) => ({
                ...arrival,
                groupId: groups[position] as GroupId,
                referrerGroupId: owners[position],
                shareCode: referralCode,
            }))
        );
    }
}
