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
import { arrayLiteral } from "@/infrastructure/persistence/arrayLiteral";
import type { Database } from "@/infrastructure/persistence/Database";
import { MicroBatch } from "@/infrastructure/persistence/MicroBatch";
import { unnest } from "@/infrastructure/persistence/unnest";
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
/** What a sign-in opens: sessions that live together, and the refresh token of one of them. */
export type Opened = { sessions: readonly Session[]; token: RefreshToken };
export type SessionPage = { limit: number; before: string | undefined };

export class SessionRepository {
    private readonly opening = new MicroBatch<Opened, void>((opened) => this.openAll(opened));

    constructor(private readonly db: Database) {}

    async add(rows: readonly Session[]): Promise<void> {
        await this.db.current.insert(sessions).values([...rows]);
    }

    /** Many sign-ins share a commit, which is not that of the caller's transaction. */
    open(opened: Opened): Promise<void> {
        return this.opening.add(opened);
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

    /** Saying the same twice changes nothing: a batch whose answer was lost is said again, one by one. */
    private async openAll(all: readonly Opened[]): Promise<undefined[]> {
        const rows = all.flatMap((one) => one.sessions).map(asInput);
        const tokens = all.map(({ token }) => token);
        await this.db.rows(sql`
            with opened as (
                insert into ${sessions} (id, kind, family, subject, credential_id, merchant_id, pairing_id,
                    user_agent, created_at, last_seen_at, stepped_up_at, expires_at, revoked_at, scopes)
                select id, kind, family, subject, "credentialId", "merchantId", "pairingId",
                    "userAgent", "createdAt", "lastSeenAt", "steppedUpAt", "expiresAt", "revokedAt", scopes::text[]
                from ${unnest(rows, sessionColumns)}
                on conflict (id) do nothing
            )
            insert into ${refreshTokens} (hash, session_id, expires_at, spent_at)
            select hash, "sessionId", "expiresAt", "spentAt" from ${unnest(tokens, tokenColumns)}
            on conflict (hash) do nothing`);
        return all.map(() => undefined);
    }
}

const sessionColumns = {
    id: "uuid",
    kind: "text",
    family: "uuid",
    subject: "text",
    credentialId: "text",
    merchantId: "uuid",
    pairingId: "uuid",
    scopes: "text",
    userAgent: "text",
    createdAt: "timestamptz",
    lastSeenAt: "timestamptz",
    steppedUpAt: "timestamptz",
    expiresAt: "timestamptz",
    revokedAt: "timestamptz",
} as const;
const tokenColumns = {
    hash: "text",
    sessionId: "uuid",
    expiresAt: "timestamptz",
    spentAt: "timestamptz",
} as const;

/** A list in a list is no array for PostgreSQL; its text is. */
const asInput = ({ subject, scopes, ...session }: Session) => ({
    ...session,
    subject: subject.toLowerCase(),
    scopes: arrayLiteral(scopes, "text"),
});

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
