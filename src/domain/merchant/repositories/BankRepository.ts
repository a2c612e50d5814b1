import { and, asc, eq, inArray, isNotNull, isNull } from "drizzle-orm";
import type { Database } from "@/infrastructure/persistence/Database";
import type { ChainTransactionId, MerchantId } from "@/utils/ids";
import { merchantBanks } from "../db/schema";

export type Bank = typeof merchantBanks.$inferSelect;

/** Its deployment is signed and not yet known to have ended. */
export type SentBank = Pick<Bank, "merchantId" | "address"> & { transactionId: ChainTransactionId };

export class BankRepository {
    constructor(private readonly db: Database) {}

    /** Nothing when the merchant has one already. */
    async add(
        bank: Pick<Bank, "merchantId" | "owner" | "merchantKey" | "address" | "status">
    ): Promise<void> {
        await this.db.current.insert(merchantBanks).values(bank).onConflictDoNothing();
    }

    async find(merchantId: MerchantId): Promise<Bank | undefined> {
        const [found] = await this.db.current
            .select()
            .from(merchantBanks)
            .where(eq(merchantBanks.merchantId, merchantId));
        return found;
    }

    async findOf(merchantIds: readonly MerchantId[]): Promise<Bank[]> {
        return this.db.current
            .select()
            .from(merchantBanks)
            .where(inArray(merchantBanks.merchantId, [...merchantIds]));
    }

    async findUnsigned(): Promise<MerchantId[]> {
        const found = await this.db.current
            .select({ merchantId: merchantBanks.merchantId })
            .from(merchantBanks)
            .where(and(eq(merchantBanks.status, "deploying"), isNull(merchantBanks.transactionId)))
            .orderBy(asc(merchantBanks.createdAt));
        return found.map(({ merchantId }) => merchantId);
    }

    /** Ours until the transaction ends; nothing when it was signed for meanwhile, or somebody is at it. */
    async lockUnsigned(merchantId: MerchantId): Promise<Bank | undefined> {
        const [found] = await this.db.current
            .select()
            .from(merchantBanks)
            .where(
                and(
                    eq(merchantBanks.merchantId, merchantId),
                    eq(merchantBanks.status, "deploying"),
                    isNull(merchantBanks.transactionId)
                )
            )
            .for("update", { skipLocked: true });
        return found;
    }

    async findSent(): Promise<SentBank[]> {
        const { merchantId, address, transactionId, status } = merchantBanks;
        const found = await this.db.current
            .select({ merchantId, address, transactionId })
            .from(merchantBanks)
            .where(and(eq(status, "deploying"), isNotNull(transactionId)));
        return found.filter((bank): bank is SentBank => bank.transactionId !== null);
    }

    async update(
        merchantId: MerchantId,
        change: Partial<Pick<Bank, "status" | "transactionId" | "reason" | "attempts">>
    ): Promise<void> {
        await this.db.current
            .update(merchantBanks)
            .set(change)
            .where(eq(merchantBanks.merchantId, merchantId));
    }
}
