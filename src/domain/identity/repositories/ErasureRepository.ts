import { and, asc, eq, inArray, lte, ne, sql } from "drizzle-orm";
import type { Database } from "@/infrastructure/persistence/Database";
import type { GroupId } from "@/utils/ids";
import { type Erasure, type ErasureId, identityErasures } from "../db/schema";

export type NewErasure = Pick<
    Erasure,
    "id" | "groupId" | "merchantId" | "wallet" | "step" | "sealedTraces" | "requestedAt" | "dueAt"
>;

export class ErasureRepository {
    constructor(private readonly db: Database) {}

    async add(erasure: NewErasure): Promise<void> {
        await this.db.current.insert(identityErasures).values(erasure);
    }

    /** Longest waiting first; ours until the transaction ends. */
    async lockDue(now: Date, limit: number, ids?: readonly ErasureId[]): Promise<Erasure[]> {
        return this.db.current
            .select()
            .from(identityErasures)
            .where(
                and(
                    ne(identityErasures.step, "done"),
                    lte(identityErasures.dueAt, now),
                    ids && inArray(identityErasures.id, [...ids])
                )
            )
            .orderBy(asc(identityErasures.dueAt), asc(identityErasures.id))
            .limit(limit)
            .for("update", { skipLocked: true });
    }

    async advance(id: ErasureId, change: Partial<Omit<Erasure, "id">>): Promise<void> {
        await this.db.current
            .update(identityErasures)
            .set(change)
            .where(eq(identityErasures.id, id));
    }

    /** Never given up: waits twice as long after every failure, an hour at the most. */
    async postpone(id: ErasureId, lastError: string): Promise<void> {
        const delay = sql`least(interval '1 second' * power(2, ${identityErasures.attempts}), interval '1 hour')`;
        await this.db.current
            .update(identityErasures)
            .set({
                attempts: sql`${identityErasures.attempts} + 1`,
                dueAt: sql`now() + ${delay}`,
                lastError,
            })
            .where(eq(identityErasures.id, id));
    }

    async reassign(from: GroupId, into: GroupId): Promise<void> {
        await this.db.current
            .update(identityErasures)
            .set({ groupId: into })
            .where(eq(identityErasures.groupId, from));
    }
}
