import type { IdentityService, NodeKey } from "@/domain/identity";
import type { PersonalCodeService, ReferralService } from "@/domain/referral";
import type { Database } from "@/infrastructure/persistence/Database";
import { only } from "@/utils/only";
import type { Clock } from "@/utils/time";

/** A person has a code of their own, and a friend types it in. */
export class PersonalCodeOrchestrator {
    constructor(
        private readonly db: Database,
        private readonly identities: IdentityService,
        private readonly codes: PersonalCodeService,
        private readonly referral: ReferralService,
        private readonly clock: Clock
    ) {}

    /** Throws `ALREADY_ACTIVE` or `CODE_UNAVAILABLE`. Without a chosen code one is made. */
    open(owner: NodeKey, chosen: string | undefined): Promise<string> {
        return this.db.transaction(async () => {
            const groupId = only(await this.identities.resolve([owner]));
            return this.codes.open(groupId, chosen);
        });
    }

    /** Throws `CODE_NOT_FOUND`. Whoever redeemed it stays referred. */
    retire(owner: NodeKey): Promise<void> {
        return this.db.transaction(async () => {
            const groupId = only(await this.identities.resolve([owner]));
            await this.codes.retire(groupId);
        });
    }

    /** Throws `CODE_NOT_FOUND`, `SELF_REFERRAL`, `WOULD_CYCLE` or `ALREADY_REDEEMED`. */
    redeem(person: NodeKey, code: string): Promise<void> {
        return this.db.transaction(async () => {
            const owner = await this.codes.ownerOf(code);
            const refereeGroupId = only(await this.identities.resolve([person]));
            const live = await this.identities.hold([owner]);
            await this.referral.redeem({
                refereeGroupId,
                referrerGroupId: live.get(owner) ?? owner,
                code: code.toUpperCase(),
                occurredAt: this.clock.now(),
            });
        });
    }
}
