import { and, asc, eq, inArray, sql } from "drizzle-orm";
import type { Address } from "viem";
import type { Database } from "@/infrastructure/persistence/Database";
import type { ChainTransactionId } from "@/utils/ids";
import { type ChainTransaction, chainNonces, chainTransactions } from "./db/schema";

export type Sender = { chainId: number; sender: Address };
export type FinalOutcome = Pick<
    ChainTransaction,
    "succeeded" | "blockNumber" | "gasUsed" | "logs" | "finalAt"
>;

export class ChainTransactionRepository {
    constructor(private readonly db: Database) {}

    async hasNonce({ chainId, sender }: Sender): Promise<boolean> {
        const found = await this.db.current
            .select({ next: chainNonces.next })
            .from(chainNonces)
            .where(and(eq(chainNonces.chainId, chainId), eq(chainNonces.sender, sender)));
        return found.length > 0;
    }

    async startNonces(key: Sender, next: number): Promise<void> {
        await this.db.current
            .insert(chainNonces)
            .values({ ...key, next })
            .onConflictDoNothing();
    }

    /** One more than the last, and nobody else's: others who ask wait until our transaction ends. */
    async takeNonce({ chainId, sender }: Sender): Promise<number> {
        const [taken] = await this.db.current
            .update(chainNonces)
            .set({ next: sql`${chainNonces.next} + 1` })
            .where(and(eq(chainNonces.chainId, chainId), eq(chainNonces.sender, sender)))
            .returning({ next: chainNonces.next });
        if (!taken) throw new Error(`No nonces were started for ${sender}`);
        return taken.next - 1;
    }

    async add(transaction: typeof chainTransactions.$inferInsert): Promise<void> {
        await this.db.current.insert(chainTransactions).values(transaction);
    }

    async findOpen(chainId: number, limit: number): Promise<ChainTransaction[]> {
        return this.db.current
            .select()
            .from(chainTransactions)
            .where(
                and(eq(chainTransactions.status, "signed"), eq(chainTransactions.chainId, chainId))
            )
            .orderBy(asc(chainTransactions.signedAt), asc(chainTransactions.nonce))
            .limit(limit);
    }

    /** Those of them whose outcome is known. */
    async findFinal(ids: readonly ChainTransactionId[]): Promise<ChainTransaction[]> {
        if (ids.length === 0) return [];
        return this.db.current
            .select()
            .from(chainTransactions)
            .where(
                and(eq(chainTransactions.status, "final"), inArray(chainTransactions.id, [...ids]))
            );
    }

    async markFinal(id: ChainTransactionId, outcome: FinalOutcome): Promise<void> {
        await this.db.current
            .update(chainTransactions)
            .set({ ...outcome, status: "final" })
            .where(and(eq(chainTransactions.id, id), eq(chainTransactions.status, "signed")));
    }
}
