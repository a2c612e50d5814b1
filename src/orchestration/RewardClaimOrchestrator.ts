import type { Address } from "viem";
import type { IdentityService, NodeKey } from "@/domain/identity";
import type { RewardClaim, RewardClaimService } from "@/domain/rewards";
import type { Database } from "@/infrastructure/persistence/Database";
import type { Queue } from "@/infrastructure/queue/Queue";

/** Somebody wants to be paid at once. */
export class RewardClaimOrchestrator {
    constructor(
        private readonly db: Database,
        private readonly identities: IdentityService,
        private readonly claims: RewardClaimService,
        private readonly queue: Queue
    ) {}

    /** Asking again is answered with the claim that is under way. Throws `NOTHING_TO_CLAIM`. */
    async claim(claimant: NodeKey, token: Address): Promise<RewardClaim> {
        return this.db.transaction(async () => {
            const [groupId] = await this.identities.resolve([claimant]);
            if (!groupId) throw new Error("A claimant resolves to one person");
            const claim = await this.claims.open(groupId, token);
            await this.queue.wake("openSettlement");
            return claim;
        });
    }
}
