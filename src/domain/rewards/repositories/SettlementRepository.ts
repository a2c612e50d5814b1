import { and, asc, eq, inArray, isNotNull, sql } from "drizzle-orm";
import type { Address } from "viem";
import type { Database } from "@/infrastructure/persistence/Database";
import { unnest } from "@/infrastructure/persistence/unnest";
import type { ChainTransactionId } from "@/utils/ids";
import { only } from "@/utils/only";
import { type RewardLeafRow, rewardLeaves } from "../db/epochs";
import {
    type BatchId,
    epochs,
    type Payment,
    payments,
    type SettlementBatch,
    settlementBatches,
} from "../db/schema";

export type NewPayment = Pick<
    Payment,
    "id" | "batchId" | "merchantId" | "bank" | "wallet" | "token" | "amount" | "createdAt"
>;
export type UnendedPayment = Pick<Payment, "id" | "batchId">;
export type Exposure = { bank: Address; token: Address; amount: bigint };

/** What is not known yet to have been made, or not to have been. */
const unended = ["created", "sent"] as const;

/** Any number that nobody else locks: one round at a time is opened. */
const roundLock = 7_316_002;

export class SettlementRepository {
    constructor(private readonly db: Database) {}

    /** Ours alone until the transaction ends, or false when another process is opening a round. */
    async tryLockRound(): Promise<boolean> {
        const [lock] = await this.db.rows<{ locked: boolean }>(
            sql`select pg_try_advisory_xact_lock(${roundLock}) as locked`
        );
        return lock?.locked ?? false;
    }

    async openEpoch(startedAt: Date): Promise<bigint> {
        const { number } = only(
            await this.db.current
                .insert(epochs)
                .values({ startedAt })
                .returning({ number: epochs.number })
        );
        return number;
    }

    /** Numbers that no payment has had, ascending. What is taken and not used leaves a gap, which is fine. */
    async takePaymentIds(count: number): Promise<bigint[]> {
        const rows = await this.db.rows<{ id: string }>(sql`
            select nextval(pg_get_serial_sequence('payments', 'id')) as id
            from generate_series(1, ${count})`);
        return rows.map(({ id }) => BigInt(id));
    }

    async addBatch(batch: SettlementBatch, rows: readonly NewPayment[]): Promise<void> {
        await this.db.current.insert(settlementBatches).values(batch);
        await this.db.current.execute(sql`
            insert into ${payments}
                (id, batch_id, merchant_id, bank, wallet, token, amount, created_at, status)
            select id, "batchId", "merchantId", lower(bank), lower(wallet), lower(token), amount,
                "createdAt", 'created'
            from ${unnest(rows, {
                id: "bigint",
                batchId: "uuid",
                merchantId: "uuid",
                bank: "text",
                wallet: "text",
                token: "text",
                amount: "numeric",
                createdAt: "timestamptz",
            })}`);
    }

    /** What the batch's root was made of, for as long as somebody may ask for a proof. */
    async addLeaves(rows: readonly RewardLeafRow[]): Promise<void> {
        await this.db.current.execute(sql`
            insert into ${rewardLeaves} (batch_id, reward_id, reward, payment_id, purchase, amount)
            select * from ${unnest(rows, {
                batchId: "uuid",
                rewardId: "uuid",
                reward: "text",
                paymentId: "bigint",
                purchase: "text",
                amount: "numeric",
            })}`);
    }

    async findUnsigned(): Promise<BatchId[]> {
        const found = await this.db.current
            .select({ id: settlementBatches.id })
            .from(settlementBatches)
            .where(eq(settlementBatches.status, "created"))
            .orderBy(asc(settlementBatches.id));
        return found.map(({ id }) => id);
    }

    async findSent(): Promise<{ id: BatchId; transactionId: ChainTransactionId }[]> {
        const found = await this.db.current
            .select({ id: settlementBatches.id, transactionId: settlementBatches.transactionId })
            .from(settlementBatches)
            .where(
                and(
                    eq(settlementBatches.status, "sent"),
                    isNotNull(settlementBatches.transactionId)
                )
            )
            .orderBy(asc(settlementBatches.id));
        return found.flatMap(({ id, transactionId }) =>
            transactionId ? [{ id, transactionId }] : []
        );
    }

    /** Ours until the transaction ends, with its payments; nothing when it is no longer in one of these statuses. */
    async lock(
        id: BatchId,
        ...statuses: SettlementBatch["status"][]
    ): Promise<{ batch: SettlementBatch; payments: Payment[] } | undefined> {
        const [batch] = await this.db.current
            .select()
            .from(settlementBatches)
            .where(and(eq(settlementBatches.id, id), inArray(settlementBatches.status, statuses)))
            .for("update", { skipLocked: true });
        if (!batch) return undefined;
        const ofBatch = await this.db.current
            .select()
            .from(payments)
            .where(eq(payments.batchId, id))
            .orderBy(asc(payments.id));
        return { batch, payments: ofBatch };
    }

    async markSent(id: BatchId, transactionId: ChainTransactionId): Promise<void> {
        await this.db.current
            .update(settlementBatches)
            .set({ status: "sent", transactionId })
            .where(eq(settlementBatches.id, id));
        await this.db.current
            .update(payments)
            .set({ status: "sent" })
            .where(and(eq(payments.batchId, id), eq(payments.status, "created")));
    }

    async markApplied(id: BatchId): Promise<void> {
        await this.db.current
            .update(settlementBatches)
            .set({ status: "applied" })
            .where(eq(settlementBatches.id, id));
    }

    async markPayments(
        ids: readonly bigint[],
        outcome: Pick<Payment, "status" | "reason" | "txHash">
    ): Promise<void> {
        if (ids.length === 0) return;
        await this.db.current
            .update(payments)
            .set(outcome)
            .where(inArray(payments.id, [...ids]));
    }

    async findUnended(): Promise<UnendedPayment[]> {
        return this.db.current
            .select({ id: payments.id, batchId: payments.batchId })
            .from(payments)
            .where(inArray(payments.status, [...unended]));
    }

    /** What is on its way out of each bank and may not yet show in its balance. */
    async findInFlight(): Promise<Exposure[]> {
        const rows = await this.db.current
            .select({
                bank: payments.bank,
                token: payments.token,
                amount: sql`sum(${payments.amount})`.mapWith(BigInt),
            })
            .from(payments)
            .where(inArray(payments.status, [...unended]))
            .groupBy(payments.bank, payments.token);
        return rows;
    }
}
