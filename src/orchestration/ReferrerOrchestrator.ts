import type { IdentityService, NodeKey } from "@/domain/identity";
import type { ReferralService } from "@/domain/referral";
import type { Database } from "@/infrastructure/persistence/Database";
import { NotFoundError } from "@/utils/errors";
import type { MerchantId } from "@/utils/ids";

export type ReferralStatus =
    | { referred: false }
    | { referred: true; since: Date; code: string | null };

/** A person asks who brought them, or no longer wants to have been brought. */
export class ReferrerOrchestrator {
    constructor(
        private readonly db: Database,
        private readonly identities: IdentityService,
        private readonly referral: ReferralService
    ) {}

    /** Reads only: whoever was never here before is not made known by asking. */
    async statusOf(person: NodeKey, merchantId: MerchantId): Promise<ReferralStatus> {
        const [groupId] = await this.identities.find([person]);
        const edge = groupId && (await this.referral.referrerOf(groupId, merchantId));
        if (!edge) return { referred: false };
        return { referred: true, since: edge.createdAt, code: edge.code };
    }

    /** Throws `NO_REFERRER`. Without a shop it is about the personal code that the person redeemed. */
    async remove(person: NodeKey, merchantId: MerchantId | undefined): Promise<void> {
        await this.db.transaction(async () => {
            const [groupId] = await this.identities.find([person]);
            if (!groupId) throw new NotFoundError("NO_REFERRER", "Nobody referred you here");
            const live = await this.identities.hold([groupId]);
            await this.referral.removeReferrer(live.get(groupId) ?? groupId, merchantId);
        });
    }
}
