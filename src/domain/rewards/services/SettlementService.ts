import type { Address, Hex } from "viem";
import type { Lookups } from "@/infrastructure/crypto/Lookups";
import { rewardsTree } from "@/utils/epochTrees";
import {
    type ChainTransactionId,
    type GroupId,
    type InteractionId,
    type MerchantId,
    newId,
} from "@/utils/ids";
import type { Clock } from "@/utils/time";
import type { BatchId, Payment, SettlementBatch } from "../db/schema";
import type { LedgerRepository } from "../repositories/LedgerRepository";
import type { RewardLifeRepository, Share } from "../repositories/RewardLifeRepository";
import type { RewardRepository } from "../repositories/RewardRepository";
import type {
    Exposure,
    NewPayment,
    SettlementRepository,
    UnendedPayment,
} from "../repositories/SettlementRepository";
import { type Fits, intoBatches } from "./intoBatches";
import { affordable, type NetShare, netByWallet, withoutDebts, worthPaying } from "./netting";

/** Who owes rewards that are due, in which token. */
export type Payer = { merchantId: MerchantId; token: Address };
/** What its bank, if it has one, can pay now, and why the rest would have to wait. */
export type Funds = Payer & { bank: Address | undefined; available: bigint; shortage: string };
export type UnsignedBatch = { batch: SettlementBatch; payments: Payment[] };
/** How a payment ended, as the chain says. */
export type Ending = { status: "confirmed" | "skipped" | "failed"; reason: string | null };

type PlannedPayment = Omit<NewPayment, "id" | "batchId"> & { shares: NetShare[] };
type Plan = { payments: PlannedPayment[]; free: NetShare[] };
type NumberedPayment = PlannedPayment & { id: bigint };

/** Rewards, the steps of their lives, and the ledger that both are in. */
type Books = { rewards: RewardRepository; life: RewardLifeRepository; ledger: LedgerRepository };

/** What one look at a bank's debts takes on: the rest is for the next round. */
const rewardsPerRound = 5_000;

export class SettlementService {
    constructor(
        private readonly books: Books,
        private readonly settlements: SettlementRepository,
        private readonly lookups: Lookups,
        private readonly fits: Fits,
        private readonly clock: Clock
    ) {}

    /** Whose rewards could be paid now, if their banks can; those whose lock-up is over by now included. */
    async findPayers(): Promise<Payer[]> {
        const now = this.clock.now();
        while (await this.books.life.releaseLocked(now));
        return this.books.rewards.findPayers(now);
    }

    /**
     * Decides who is paid what in this round and puts it into batches; false when there is nothing to pay, or
     * when another process is at it. What a bank cannot pay waits for funds. Must be called in a
     * transaction, with funds that were asked for before it began.
     */
    async openRound(funds: readonly Funds[]): Promise<boolean> {
        if (!(await this.settlements.tryLockRound())) return false;
        const inFlight = await this.settlements.findInFlight();
        await this.books.ledger.hold([...new Set(funds.map(({ merchantId }) => merchantId))]);
        const plans: Plan[] = [];
        for (const one of funds) plans.push(await this.plan(less(one, inFlight)));
        await this.settleFree(plans.flatMap(({ free }) => free));
        const planned = plans.flatMap(({ payments }) => payments);
        if (planned.length === 0) return false;

        const epoch = await this.settlements.openEpoch(this.clock.now());
        const ids = await this.settlements.takePaymentIds(planned.length);
        const numbered = planned.map((payment, index) => ({
            ...payment,
            id: ids[index] as bigint,
        }));
        for (const batch of intoBatches(numbered, this.fits)) await this.addBatch(epoch, batch);
        return true;
    }

    findUnsigned(): Promise<BatchId[]> {
        return this.settlements.findUnsigned();
    }

    lockUnsigned(id: BatchId): Promise<UnsignedBatch | undefined> {
        return this.settlements.lock(id, "created");
    }

    async markSent(id: BatchId, transactionId: ChainTransactionId): Promise<void> {
        await this.settlements.markSent(id, transactionId);
    }

    findSent(): Promise<{ id: BatchId; transactionId: ChainTransactionId }[]> {
        return this.settlements.findSent();
    }

    lockSent(id: BatchId): Promise<UnsignedBatch | undefined> {
        return this.settlements.lock(id, "sent");
    }

    findUnended(): Promise<UnendedPayment[]> {
        return this.settlements.findUnended();
    }

    /** Whether it was signed or not. */
    lockOpen(id: BatchId): Promise<UnsignedBatch | undefined> {
        return this.settlements.lock(id, "created", "sent");
    }

    /** Settles what the hub has made, whatever is known of its transaction; the batch stays open for the rest. */
    async settleMade({ payments }: UnsignedBatch, made: ReadonlySet<bigint>): Promise<bigint[]> {
        const settled = payments.filter((payment) => isUnended(payment) && made.has(payment.id));
        await this.hold(settled);
        const ids = settled.map(({ id }) => id);
        await this.settlements.markPayments(ids, {
            status: "confirmed",
            reason: null,
            txHash: null,
        });
        await this.books.life.markSettled(ids, this.clock.now());
        return ids;
    }

    /**
     * Notes how each payment of a batch ended. What failed is owed as before; the interactions behind it are
     * returned, because some may have been refunded meanwhile. What is settled stays so.
     */
    async close(
        { batch, payments }: UnsignedBatch,
        endingOf: (payment: Payment) => Ending,
        txHash: Payment["txHash"]
    ): Promise<InteractionId[]> {
        const now = this.clock.now();
        await this.hold(payments);
        const released: InteractionId[] = [];
        const byEnding = Map.groupBy(payments, (payment) => JSON.stringify(endingOf(payment)));
        for (const [ending, group] of byEnding) {
            const { status, reason } = JSON.parse(ending) as Ending;
            const ended = status === "failed" ? group.filter(isUnended) : group;
            const ids = ended.map(({ id }) => id);
            await this.settlements.markPayments(ids, { status, reason, txHash });
            if (status !== "failed") await this.books.life.markSettled(ids, now);
            else released.push(...(await this.release(ids, reason ?? "unknown", now)));
        }
        await this.settlements.markApplied(batch.id);
        return released;
    }

    private async hold(payments: readonly Payment[]): Promise<void> {
        await this.books.rewards.lockOfPayments(payments.map(({ id }) => id));
        await this.books.ledger.hold([...new Set(payments.map(({ merchantId }) => merchantId))]);
    }

    private async release(ids: readonly bigint[], reason: string, now: Date) {
        const released = await this.books.life.release(ids, reason, now);
        return released.map(({ interactionId }) => interactionId);
    }

    private async plan({ merchantId, token, bank, available, shortage }: Funds): Promise<Plan> {
        const now = this.clock.now();
        const payer = { merchantId, token };
        const owed = await this.books.rewards.lockPayable(payer, now, rewardsPerRound);
        const debts = await this.debtsTo(
            payer,
            owed.map(({ groupId }) => groupId)
        );
        const minimum = await this.books.rewards.minimumOf(payer);
        const shares = worthPaying(withoutDebts(owed, debts), minimum);
        const { paid, waiting } = affordable(shares, available);
        await this.books.rewards.markWaiting(
            waiting
                .filter(({ reward }) => reward.status !== "waitsForFunds")
                .map(({ reward }) => reward.id),
            shortage
        );
        const payments = bank
            ? netByWallet(paid).map((payment) => ({ ...payment, ...payer, bank, createdAt: now }))
            : [];
        const inPayments = new Set(payments.flatMap((payment) => payment.shares));
        return { payments, free: paid.filter((share) => !inPayments.has(share)) };
    }

    private async debtsTo(
        { merchantId, token }: Payer,
        groupIds: readonly GroupId[]
    ): Promise<Map<GroupId, bigint>> {
        const debts = await this.books.ledger.debtsOf([merchantId], [...new Set(groupIds)]);
        const inToken = debts.filter((debt) => debt.token === token.toLowerCase());
        return new Map(inToken.map(({ groupId, amount }) => [groupId, amount]));
    }

    /** What a debt takes whole needs no transfer. */
    private async settleFree(free: readonly NetShare[]): Promise<void> {
        const now = this.clock.now();
        const shares = free.map((share) => asShare(share, null));
        await this.books.life.markSettling(shares, now);
        await this.books.life.markSettledByDebt(
            shares.map(({ id }) => id),
            now
        );
    }

    private async addBatch(epoch: bigint, planned: readonly NumberedPayment[]): Promise<void> {
        const id = newId<BatchId>();
        const leaves = planned.flatMap(({ id: paymentId, shares }) =>
            shares.map(({ reward, paid }) => ({
                batchId: id,
                rewardId: reward.id,
                reward: this.lookups.commitment("reward", reward.id),
                paymentId,
                purchase: this.lookups.commitment("purchase", reward.purchaseId ?? ""),
                amount: paid,
            }))
        );
        const batch: SettlementBatch = {
            id,
            epoch,
            rewardsRoot: rewardsTree(leaves).root as Hex,
            status: "created",
            transactionId: null,
            createdAt: this.clock.now(),
        };
        const payments = planned.map(({ shares: _, ...payment }) => ({ ...payment, batchId: id }));
        await this.settlements.addBatch(batch, payments);
        await this.settlements.addLeaves(leaves);
        await this.books.life.markSettling(
            planned.flatMap(({ id: paymentId, shares }) =>
                shares.map((share) => asShare(share, paymentId))
            ),
            this.clock.now()
        );
    }
}

const isUnended = ({ status }: Payment): boolean => status === "created" || status === "sent";

const asShare = ({ reward, paid }: NetShare, paymentId: bigint | null): Share => ({
    id: reward.id,
    paymentId,
    gross: reward.amount,
    paid,
});

/**
 * What is on its way out may or may not show in the balance that was read: taken off it in either case, so
 * that no unit is promised twice. What was too much is back by the next round.
 */
function less(funds: Funds, inFlight: readonly Exposure[]): Funds {
    const exposure = inFlight.find(
        ({ bank, token }) => bank === funds.bank && token === funds.token
    );
    const available = funds.available - (exposure?.amount ?? 0n);
    return { ...funds, available: available > 0n ? available : 0n };
}
