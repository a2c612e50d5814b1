import { and, eq, gt, inArray, lt } from "drizzle-orm";
import type { Database } from "@/infrastructure/persistence/Database";
import { MicroBatch } from "@/infrastructure/persistence/MicroBatch";
import type { ChallengeId } from "@/utils/ids";
import { authChallenges, siweNonces } from "../db/schema";

export type Challenge = typeof authChallenges.$inferSelect;
export type SiweNonce = typeof siweNonces.$inferSelect;

/** What may be answered once. Taking it out is atomic: of many who present the same one, one gets it. */
export class ChallengeRepository {
    private readonly taking = new MicroBatch<ChallengeId, Challenge | undefined>((ids) =>
        this.takeAll(ids)
    );

    constructor(private readonly db: Database) {}

    async add(challenge: Challenge): Promise<void> {
        await this.db.current.insert(authChallenges).values(challenge);
    }

    /** Outside the caller's transaction: spent is spent, whatever comes of it. */
    take(id: ChallengeId): Promise<Challenge | undefined> {
        return this.taking.add(id);
    }

    async addNonce(nonce: SiweNonce): Promise<void> {
        await this.db.current.insert(siweNonces).values(nonce);
    }

    async takeNonce(nonce: string, now: Date): Promise<SiweNonce | undefined> {
        const [taken] = await this.db.current
            .delete(siweNonces)
            .where(and(eq(siweNonces.nonce, nonce), gt(siweNonces.expiresAt, now)))
            .returning();
        return taken;
    }

    async deleteExpired(now: Date): Promise<void> {
        await this.db.current.delete(authChallenges).where(lt(authChallenges.expiresAt, now));
        await this.db.current.delete(siweNonces).where(lt(siweNonces.expiresAt, now));
    }

    private async takeAll(ids: readonly ChallengeId[]): Promise<(Challenge | undefined)[]> {
        const rows = await this.db.current
            .delete(authChallenges)
            .where(inArray(authChallenges.id, [...ids]))
            .returning();
        const taken = new Map(rows.map((challenge) => [challenge.id, challenge]));
        return ids.map((id) => {
            const mine = taken.get(id);
            taken.delete(id);
            return mine;
        });
    }
}
