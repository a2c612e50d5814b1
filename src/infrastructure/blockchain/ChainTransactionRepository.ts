import { and, asc, eq, inArray, sql } from "drizzle-orm";
import type { Address, Hex } from "viem";
import type { Database } from "@/infrastructure/persistence/Database";
import type { ChainTransactionId } from "@/utils/ids";
import {
    type ChainTransaction,
    chainNonces,
    chainReplacedTransactions,
    chainTransactions,
    type NodeAnswer,
} from "./db/schema";

export type Sender = { chainId: number; sender: Address };
/** Other bytes for the same purpose. */
export type NewBytes = Pick<
    ChainTransaction,
    "nonce" | "raw" | "hash" | "maxFeePerGas" | "signedAt"
>;
export type FinalOutcome = Pick<
    ChainTransaction,
    "hash" | "succeeded" | "blockNumber" | "gasUsed" | "logs" | "finalAt"
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

    /** For when somebody else used the key: what the node has seen is not handed out again. */
    async raiseNonces({ chainId, sender }: Sender, atLeast: number): Promise<void> {
        await this.db.current
            .update(chainNonces)
            .set({ next: sql`greatest(${chainNonces.next}, ${atLeast})` })
            .where(and(eq(chainNonces.chainId, chainId), eq(chainNonces.sender, sender)));
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

    /** Ours until the transaction ends; nothing when it is final, when other bytes took its place, or somebody has it. */
    async lockOpen({
        id,
        hash,
    }: Pick<ChainTransaction, "id" | "hash">): Promise<ChainTransaction | undefined> {
        const [found] = await this.db.current
            .select()
            .from(chainTransactions)
            .where(
                and(
                    eq(chainTransactions.id, id),
                    eq(chainTransactions.hash, hash),
                    eq(chainTransactions.status, "signed")
                )
            )
            .for("update", { skipLocked: true });
        return found;
    }

    /** The bytes that are sent from now on; the old ones are still looked for. */
    async replace(old: ChainTransaction, bytes: NewBytes): Promise<void> {
        await this.db.current.insert(chainReplacedTransactions).values({
            hash: old.hash,
            transactionId: old.id,
            nonce: old.nonce,
            raw: old.raw,
            replacedAt: bytes.signedAt,
        });
        await this.db.current
            .update(chainTransactions)
            .set({ ...bytes, nodeAnswer: null })
            .where(eq(chainTransactions.id, old.id));
    }

    async findReplaced(
        ids: readonly ChainTransactionId[]
    ): Promise<Map<ChainTransactionId, Hex[]>> {
        if (ids.length === 0) return new Map();
        const rows = await this.db.current
            .select()
            .from(chainReplacedTransactions)
            .where(inArray(chainReplacedTransactions.transactionId, [...ids]));
        const byId = Map.groupBy(rows, ({ transactionId }) => transactionId);
        return new Map([...byId].map(([id, old]) => [id, old.map(({ hash }) => hash)]));
    }

    async noteAnswer(hash: Hex, nodeAnswer: NodeAnswer): Promise<void> {
        await this.db.current
            .update(chainTransactions)
            .set({ nodeAnswer })
            .where(and(eq(chainTransactions.hash, hash), eq(chainTransactions.status, "signed")));
    }
}
