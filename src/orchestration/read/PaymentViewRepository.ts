import { and, desc, eq, inArray, lt, sql } from "drizzle-orm";
import { type Payment, payments, rewards, settlementBatches } from "@/domain/rewards/db/schema";
import type { Database } from "@/infrastructure/persistence/Database";
import type { MerchantId } from "@/utils/ids";

/** A transfer out of a bank, with the rewards that it pays. */
export type PaymentView = Payment & { epoch: bigint; rewardIds: string[] };

export type PaymentStanding = Pick<Payment, "id" | "status">;

export class PaymentViewRepository {
    constructor(private readonly db: Database) {}

    /** Newest first. */
    async findOfMerchant(
        merchantId: MerchantId,
        { limit, before }: { limit: number; before: bigint | undefined }
    ): Promise<PaymentView[]> {
        const rows = await this.db.current
            .select({ payment: payments, epoch: settlementBatches.epoch })
            .from(payments)
            .innerJoin(settlementBatches, eq(settlementBatches.id, payments.batchId))
            .where(
                and(
                    eq(payments.merchantId, merchantId),
                    before === undefined ? undefined : lt(payments.id, before)
                )
            )
            .orderBy(desc(payments.id))
            .limit(limit);
        const paid = await this.rewardsOf(rows.map(({ payment }) => payment.id));
        return rows.map(({ payment, epoch }) => ({
            ...payment,
            epoch,
            rewardIds: paid.get(payment.id) ?? [],
        }));
    }

    /** The last so many before that one, or of all: newest first. */
    async findStandings(limit: number, before?: bigint): Promise<PaymentStanding[]> {
        return this.db.current
            .select({ id: payments.id, status: payments.status })
            .from(payments)
            .where(before === undefined ? undefined : lt(payments.id, before))
            .orderBy(desc(payments.id))
            .limit(limit);
    }

    /** Those of them that we know. */
    async findKnown(ids: readonly bigint[]): Promise<Set<bigint>> {
        if (ids.length === 0) return new Set();
        const rows = await this.db.current
            .select({ id: payments.id })
            .from(payments)
            .where(inArray(payments.id, [...ids]));
        return new Set(rows.map(({ id }) => id));
    }

    private async rewardsOf(ids: readonly bigint[]): Promise<Map<bigint, string[]>> {
        if (ids.length === 0) return new Map();
        const rows = await this.db.current
            .select({
                id: rewards.paymentId,
                rewardIds: sql<string[]>`array_agg(${rewards.id}::text)`,
            })
            .from(rewards)
            .where(inArray(rewards.paymentId, [...ids]))
            .groupBy(rewards.paymentId);
        return new Map(rows.flatMap(({ id, rewardIds }) => (id === null ? [] : [[id, rewardIds]])));
    }
}
