import type { Address } from "viem";
import type { IdentityRepository, IdentityService, NodeKey } from "@/domain/identity";
import type { Database } from "@/infrastructure/persistence/Database";
import type { GroupId } from "@/utils/ids";
import type { MergeConsequenceService } from "./MergeConsequenceService";
import type { HeldRowsRepository } from "./read";

/** Whoever keeps a group's id in a table knows how to hand what is theirs to another one. */
export type GroupHolder = { reassign(from: GroupId, into: GroupId): Promise<void> };
export type Why = { reason: string; evidence: Record<string, unknown> };
export type Union = Why & {
    keys: readonly NodeKey[];
    /** Those of them that are known by their group. */
    groups?: readonly GroupId[];
};
export type WalletUnion = Why & {
    /** The wallet that the person goes on with. */
    into: NodeKey;
    from: NodeKey;
};

/** Several identifiers turn out to be one person's. */
export class IdentityMergeService {
    constructor(
        private readonly db: Database,
        private readonly identities: IdentityService,
        private readonly repository: IdentityRepository,
        private readonly consequences: MergeConsequenceService,
        private readonly heldRows: HeldRowsRepository,
        private readonly holders: readonly GroupHolder[]
    ) {}

    /**
     * Makes one group of the groups of these identifiers: that of a wallet if there is one, else the oldest.
     * Everything that the others have becomes its own. Two different wallets are never made one this way.
     */
    async unite({ keys, groups: known = [], ...why }: Union): Promise<GroupId | "walletConflict"> {
        return this.db.transaction(async () => {
            const resolved = await this.identities.resolveToMerge(keys, known);
            const groups = [...new Set(resolved)].sort();
            const wallets = await this.identities.walletsOf(groups);
            if (wallets.size > 1) return "walletConflict";
            const winner = anchorOf(groups, wallets);
            const losers = groups.filter((group) => group !== winner);
            for (const loser of losers) await this.absorb(winner, loser, why);
            if (losers.length > 0) await this.consequences.follow(winner, wallets.get(winner));
            return winner;
        });
    }

    /**
     * Makes one person of two who have a wallet each; both must have agreed. The one wallet's node is unlinked, and
     * what is owed and not on its way goes to the other. False when they are one already.
     */
    async uniteWallets({ into, from, ...why }: WalletUnion): Promise<boolean> {
        return this.db.transaction(async () => {
            const [winner, loser] = await this.identities.resolveToMerge([into, from]);
            if (!winner || !loser || winner === loser) return false;
            await this.repository.unlink(from);
            await this.absorb(winner, loser, why);
            const wallet = (await this.identities.walletsOf([winner])).get(winner);
            if (!wallet) throw new Error("A wallet that agreed to a merge has no group");
            await this.consequences.followWallets(winner, wallet);
            return true;
        });
    }

    private async absorb(winnerId: GroupId, loserId: GroupId, why: Why): Promise<void> {
        const moved = await this.heldRows.of(loserId);
        for (const holder of this.holders) await holder.reassign(loserId, winnerId);
        await this.repository.redirect({ winnerId, loserId, ...why, moved });
    }
}

/** Ids are made in the order of time, so the smallest is the oldest. */
function anchorOf(groups: readonly GroupId[], wallets: ReadonlyMap<GroupId, Address>): GroupId {
    const [anchor] = [...wallets.keys(), ...groups];
    if (!anchor) throw new Error("Nobody to unite");
    return anchor;
}
