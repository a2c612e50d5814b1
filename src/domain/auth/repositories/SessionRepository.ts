import {
    and,
    asc,
    desc,
    eq,
    gt,
    inArray,
    isNotNull,
    isNull,
    lt,
    ne,
    or,
    type SQL,
    sql,
} from "drizzle-orm";
import type { Address } from "viem";
import type { Database } from "@/infrastructure/persistence/Database";
import type { PairingId, SessionId } from "@/utils/ids";
import { refreshTokens, sessions } from "../db/schema";

export type Session = typeof sessions.$inferSelect;
export type RefreshToken = typeof refreshTokens.$inferSelect;
/** Sessions that end together. */
export type Ending =
    | { id: SessionId }
    | { family: Session["family"] }
    | { credentialId: string }
    | { pairingId: PairingId }
    /** All but those at the dashboard. */
    | { wallet: Address };
export type SessionPage = { limit: number; before: string | undefined };

export class SessionRepository {
    constructor(private readonly db: Database) {}

    async add(rows: readonly Session[]): Promise<void> {
        await this.db.current.insert(sessions).values([...rows]);
    }

    /** With the refresh token of the first, in one statement: signing in is one commit. */
    async open(rows: readonly Session[], token: RefreshToken): Promise<void> {
        const opened = this.db.current.$with("opened").as(
            this.db.current
                .insert(sessions)
                .values([...rows])
                .returning({ id: sessions.id })
        );
        await this.db.current.with(opened).insert(refreshTokens).values(token);
    }

    async findAlive(id: SessionId, now: Date): Promise<Session | undefined> {
        const [found] = await this.db.current
            .select()
            .from(sessions)
            .where(and(eq(sessions.id, id), isAliveAt(now)));
        return found;
    }

    /** Oldest first: the one that was opened with it is before those that were minted later. */
    async findFamily(family: Session["family"]): Promise<Session[]> {
        return this.db.current
            .select()
            .from(sessions)
            .where(eq(sessions.family, family))
            .orderBy(asc(sessions.id));
    }

    /** What a person can end one by one, newest first; what is only a part of another session is not in it. */
    async findOwn(wallet: Address, now: Date, { limit, before }: SessionPage): Promise<Session[]> {
        return this.db.current
            .select()
            .from(sessions)
            .where(
                and(
                    isOwn(wallet),
                    isAliveAt(now),
                    before ? lt(sessions.id, before as SessionId) : undefined
                )
            )
            .orderBy(desc(sessions.id))
            .limit(limit);
    }

    async findOwnOne(wallet: Address, id: SessionId, now: Date): Promise<Session | undefined> {
        const [found] = await this.db.current
            .select()
            .from(sessions)
            .where(and(eq(sessions.id, id), isOwn(wallet), isAliveAt(now)));
        return found;
    }

    async extend(id: SessionId, expiresAt: Date): Promise<void> {
        await this.db.current.update(sessions).set({ expiresAt }).where(eq(sessions.id, id));
    }

    async markSeen(id: SessionId, lastSeenAt: Date): Promise<void> {
        await this.db.current.update(sessions).set({ lastSeenAt }).where(eq(sessions.id, id));
    }

    async markSteppedUp(id: SessionId, steppedUpAt: Date): Promise<void> {
        await this.db.current.update(sessions).set({ steppedUpAt }).where(eq(sessions.id, id));
    }

    /** Those that were alive until now. */
    async revoke(ending: Ending, revokedAt: Date): Promise<SessionId[]> {
        const revoked = await this.db.current
            .update(sessions)
            .set({ revokedAt })
            .where(and(isMeantBy(ending), isNull(sessions.revokedAt)))
            .returning({ id: sessions.id });
        return revoked.map(({ id }) => id);
    }

    /** Forgets what devices a wallet's sessions were on. */
    async eraseDevices(wallet: Address): Promise<void> {
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

const isAliveAt = (now: Date): SQL | undefined =>
    and(isNull(sessions.revokedAt), gt(sessions.expiresAt, now));

const isOwn = (wallet: Address): SQL | undefined =>
    and(
        eq(sessions.subject, wallet),
        or(
            inArray(sessions.kind, ["wallet", "paired"]),
            and(eq(sessions.kind, "sdk"), isNotNull(sessions.merchantId))
        )
    );

function isMeantBy(ending: Ending): SQL {
    if ("id" in ending) return eq(sessions.id, ending.id);
    if ("family" in ending) return eq(sessions.family, ending.family);
    if ("credentialId" in ending) return eq(sessions.credentialId, ending.credentialId);
    if ("pairingId" in ending) return eq(sessions.pairingId, ending.pairingId);
    return sql`${eq(sessions.subject, ending.wallet)} and ${ne(sessions.kind, "business")}`;
}
