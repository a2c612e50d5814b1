import type { Address } from "viem";
import type { IdentityRepository, IdentityService, NodeKey } from "@/domain/identity";
import type { RewardService } from "@/domain/rewards";
import type { Database } from "@/infrastructure/persistence/Database";
import type { GroupId } from "@/utils/ids";

/** Whoever keeps a group's id in a table knows how to hand what is theirs to another one. */
export type GroupHolder = { reassign(from: GroupId, into: GroupId): Promise<void> };
export type Why = { reason: string; evidence: Record<string, unknown> };
export type Union = Why & { keys: readonly NodeKey[] };

/** Several identifiers turn out to be one person's. */
export class IdentityMergeService {
    constructor(
        private readonly db: Database,
        private readonly identities: IdentityService,
        private readonly repository: IdentityRepository,
        private readonly rewards: RewardService,
        private readonly holders: readonly GroupHolder[]
    ) {}

    /**
     * Makes one group of the groups of these identifiers: that of a wallet if there is one, else the oldest.
     * Everything that the others have becomes its own. Two different wallets are never made one this way.
     */
    async unite({ keys, ...why }: Union): Promise<GroupId | "walletConflict"> {
        return this.db.transaction(async () =>
            this.merge(await this.identities.resolveToMerge(keys), why)
        );
    }

    /** As `unite`, of people that are known already. */
    async uniteGroups(ids: readonly GroupId[], why: Why): Promise<GroupId | "walletConflict"> {
        return this.db.transaction(async () =>
            this.merge(await this.identities.lockToMerge(ids), why)
        );
    }

    private async merge(
        ids: readonly GroupId[],
        { reason, evidence }: Why
    ): Promise<GroupId | "walletConflict"> {
        const groups = [...new Set(ids)].sort();
        const wallets = await this.identities.walletsOf(groups);
        if (wallets.size > 1) return "walletConflict";
        const winner = anchorOf(groups, wallets);
        for (const loser of groups.filter((group) => group !== winner)) {
            for (const holder of this.holders) await holder.reassign(loser, winner);
            const merge = { winnerId: winner, loserId: loser, reason, evidence };
            await this.repository.redirect(merge);
        }
        const wallet = wallets.get(winner);
        if (wallet && groups.length > 1) await this.rewards.payTo(winner, wallet);
        return winner;
    }
}

/** Ids are made in the order of time, so the smallest is the oldest. */
function anchorOf(groups: readonly GroupId[], wallets: ReadonlyMap<GroupId, Address>): GroupId {
    const [anchor] = [...wallets.keys(), ...groups];
    if (!anchor) throw new Error("Nobody to unite");
    return anchor;
}
