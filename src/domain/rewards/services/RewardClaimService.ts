import type { Address, Hex } from "viem";
import { ConflictError, NotFoundError } from "@/utils/errors";
import { type GroupId, newId } from "@/utils/ids";
import type { Clock } from "@/utils/time";
import type { RewardClaim, RewardClaimId, RewardStatus } from "../db/schema";
import type { LedgerRepository } from "../repositories/LedgerRepository";
import type { RewardClaimRepository } from "../repositories/RewardClaimRepository";

export type ClaimStatus = "queued" | "sent" | "confirmed" | "failed";
export type ClaimView = RewardClaim & { status: ClaimStatus; txHash: Hex | null };

/** Somebody asks to be paid what is available, below the minimum payout too. */
export class RewardClaimService {
    constructor(
        private readonly claims: RewardClaimRepository,
        private readonly ledger: LedgerRepository,
        private readonly clock: Clock
    ) {}

    /**
     * A claim of all that can be paid and was not claimed before, or the one that is under way. Must be called in a
     * transaction that holds the group. Throws `NOTHING_TO_CLAIM`.
     */
    async open(groupId: GroupId, token: Address): Promise<RewardClaim> {
        const id = newId<RewardClaimId>();
        const taken = await this.claims.take({ id, groupId, token });
        if (taken.length > 0) {
            const amount = await this.netOf(taken, groupId, token);
            const claim = { id, groupId, token, amount, createdAt: this.clock.now() };
            await this.claims.add(claim);
            return claim;
        }
        const open = await this.claims.findOpen(groupId, token);
        if (open) return open;
        throw new ConflictError("NOTHING_TO_CLAIM", "Nothing is available to be paid");
    }

    /** Throws `CLAIM_NOT_FOUND`. */
    async view(id: RewardClaimId): Promise<ClaimView> {
        const claim = await this.claims.find(id);
        if (!claim) throw new NotFoundError("CLAIM_NOT_FOUND", "There is no such claim");
        const states = await this.claims.findStates(id);
        const txHash = states.find((state) => state.txHash)?.txHash ?? null;
        return { ...claim, txHash, status: statusOf(states.map(({ status }) => status)) };
    }

    private async netOf(
        taken: Awaited<ReturnType<RewardClaimRepository["take"]>>,
        groupId: GroupId,
        token: Address
    ): Promise<bigint> {
        const byMerchant = Map.groupBy(taken, ({ merchantId }) => merchantId);
        const debts = await this.ledger.debtsOf([...byMerchant.keys()], [groupId]);
        return [...byMerchant].reduce((total, [merchantId, own]) => {
            const owed = own.reduce((sum, { amount }) => sum + amount, 0n);
            const debt = debts.find(
                (one) => one.merchantId === merchantId && one.token === token.toLowerCase()
            );
            const net = owed - (debt?.amount ?? 0n);
            return net > 0n ? total + net : total;
        }, 0n);
    }
}

/** What still waits (again, after a payment failed) is queued; failed is what nothing can be paid of any more. */
function statusOf(statuses: readonly RewardStatus[]): ClaimStatus {
    if (statuses.some((status) => status === "available" || status === "waitsForFunds")) {
        return "queued";
    }
    if (statuses.includes("settling")) return "sent";
    return statuses.includes("settled") ? "confirmed" : "failed";
}
