import type { Arrival, AttributionService, Recorded } from "@/domain/attribution";
import type { IdentityService } from "@/domain/identity";
import type { ReferralService, Referred } from "@/domain/referral";
import type { Database } from "@/infrastructure/persistence/Database";
import type { GroupId } from "@/utils/ids";
import type { InteractionOpeningService } from "./InteractionOpeningService";

type Placed = Referred & { position: number };

/** Keeps arrivals, and makes whoever brought somebody first their referrer. */
export class ArrivalRecordingService {
    constructor(
        private readonly db: Database,
        private readonly identities: IdentityService,
        private readonly attribution: AttributionService,
        private readonly referral: ReferralService,
        private readonly interactions: InteractionOpeningService
    ) {}

    /** One statement for all of them, but for those that may make a new referrer: these share a transaction. */
    async record(arrivals: readonly Arrival[]): Promise<Recorded[]> {
        const unsettled = await this.referral.findUnsettled(arrivals.flatMap(asReferred));
        const places = new Set(unsettled.map(({ position }) => position));
        const positions = [...arrivals.keys()];
        const known = positions.filter((position) => !places.has(position));
        const fresh = positions.filter((position) => places.has(position));
        const at = (position: number) => arrivals[position] as Arrival;

        const recorded = await Promise.all([
            this.attribution.record(known.map(at)),
            fresh.length > 0 ? this.recordReferred(fresh.map(at)) : [],
        ]);
        const byPosition = new Map<number, Recorded>();
        for (const [index, position] of [...known, ...fresh].entries()) {
            byPosition.set(position, recorded.flat()[index] as Recorded);
        }
        return positions.map((position) => byPosition.get(position) as Recorded);
    }

    private async recordReferred(arrivals: readonly Arrival[]): Promise<Recorded[]> {
        const referred = arrivals.flatMap(asReferred);
        const recorded = await this.db.transaction(async () => {
            const live = await this.identities.hold(
                referred.flatMap((one) => [one.refereeGroupId, one.referrerGroupId])
            );
            const kept = await this.attribution.record(arrivals);
            await this.attach(referred.map((one) => inPlace(one, live)));
            return kept;
        });
        this.referral.remember(...referred);
        return recorded;
    }

    private async attach(referred: readonly Referred[]): Promise<void> {
        const added = await this.referral.attach(referred);
        await this.interactions.openReferrals(
            referred.filter((_, position) => added.has(position))
        );
    }
}

/** Nobody is referred by their own code. */
function asReferred(arrival: Arrival, position: number): Placed[] {
    const { referrer, groupId, merchantId, occurredAt } = arrival;
    if (!referrer || referrer.groupId === groupId) return [];
    const people = { refereeGroupId: groupId, referrerGroupId: referrer.groupId };
    return [{ ...people, merchantId, code: referrer.code, occurredAt, position }];
}

function inPlace(
    { merchantId, refereeGroupId, referrerGroupId, code, occurredAt }: Referred,
    live: ReadonlyMap<GroupId, GroupId>
): Referred {
    return {
        merchantId,
        refereeGroupId: live.get(refereeGroupId) ?? refereeGroupId,
        referrerGroupId: live.get(referrerGroupId) ?? referrerGroupId,
        code,
        occurredAt,
    };
}
