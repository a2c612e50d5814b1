import { and, eq, gt, isNull, lt, ne } from "drizzle-orm";
import type { Address } from "viem";
import type { Database } from "@/infrastructure/persistence/Database";
import type { SessionId } from "@/utils/ids";
import { refreshTokens, sessions } from "../db/schema";

export type Session = typeof sessions.$inferSelect;
export type RefreshToken = typeof refreshTokens.$inferSelect;

export class SessionRepository {
    constructor(private readonly db: Database) {}

    async add(rows: readonly Session[]): Promise<void> {
        await this.db.current.insert(sessions).values([...rows]);
    }

    async findAlive(id: SessionId, now: Date): Promise<Session | undefined> {
        const [found] = await this.db.current
            .select()
            .from(sessions)
            .where(
                and(eq(sessions.id, id), isNull(sessions.revokedAt), gt(sessions.expiresAt, now))
            );
        return found;
    }

    async findFamily(family: Session["family"]): Promise<Session[]> {
        return this.db.current.select().from(sessions).where(eq(sessions.family, family));
    }

    async extend(id: SessionId, expiresAt: Date): Promise<void> {
        await this.db.current.update(sessions).set({ expiresAt }).where(eq(sessions.id, id));
    }

    async revokeFamily(family: Session["family"], revokedAt: Date): Promise<void> {
        await this.db.current
            .update(sessions)
            .set({ revokedAt })
            .where(and(eq(sessions.family, family), isNull(sessions.revokedAt)));
    }

    /** Ends a wallet's sessions, but not those at the dashboard, and forgets what devices they were on. */
    async eraseOf(wallet: Address, now: Date): Promise<void> {
        const theirs = and(eq(sessions.subject, wallet), ne(sessions.kind, "business"));
        await this.db.current
            .update(sessions)
            .set({ revokedAt: now })
            .where(and(theirs, isNull(sessions.revokedAt)));
        await this.db.current
            .update(sessions)
            .set({ userAgent: null })
            .where(eq(sessions.subject, wallet));
    }

    async addRefreshToken(token: RefreshToken): Promise<void> {
        await this.db.current.insert(refreshTokens).values(token);
    }

    /** Ours until the transaction ends, so that one of two refreshes at once sees it spent. */
    async lockRefreshToken(hash: string): Promise<RefreshToken | undefined> {
        const [found] = await this.db.current
            .select()
            .from(refreshTokens)
            .where(eq(refreshTokens.hash, hash))
            .for("update");
        return found;
    }

    async spendRefreshToken(hash: string, spentAt: Date): Promise<void> {
        await this.db.current
            .update(refreshTokens)
            .set({ spentAt })
            .where(eq(refreshTokens.hash, hash));
    }

    async deleteExpired(now: Date): Promise<void> {
        await this.db.current.delete(refreshTokens).where(lt(refreshTokens.expiresAt, now));
    }
}
