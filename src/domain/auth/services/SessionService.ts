import { randomBytes } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { Address } from "viem";
import { secretHash } from "@/infrastructure/crypto/secretHash";
import { log } from "@/infrastructure/observability/log";
import type { Database } from "@/infrastructure/persistence/Database";
import { UnauthenticatedError } from "@/utils/errors";
import { type Id, type MerchantId, newId, type SessionId } from "@/utils/ids";
import { type Clock, days, hours, later, minutes, seconds } from "@/utils/time";
import type { RefreshToken, Session, SessionRepository } from "../repositories/SessionRepository";
import type { Audience, TokenService } from "./TokenService";

export type { Session };

/** A signed token and when it ends. */
export type IssuedToken = { token: string; expiresAt: Date };
export type IssuedSession = {
    session: Session;
    access: IssuedToken;
    refreshToken: string;
    sdk: IssuedToken;
};
type Opening = {
    kind: Session["kind"];
    family?: Session["family"];
    wallet: Address;
    credentialId?: string | null;
    merchantId?: MerchantId | null;
    userAgent: string | null;
};

const lifetimeMs = { access: minutes(15), refresh: days(30), sdk: hours(24), business: days(7) };
/** How long a revocation may go unnoticed by a process that did not make it. */
const cacheMs = seconds(5);

export class SessionService {
    private readonly alive = new LRUCache<SessionId, Session>({ max: 50_000, ttl: cacheMs });

    constructor(
        private readonly db: Database,
        private readonly sessions: SessionRepository,
        private readonly tokens: TokenService,
        private readonly clock: Clock
    ) {}

    /** A wallet's session with its SDK session; they die together. */
    async open(opening: Omit<Opening, "kind" | "family">): Promise<IssuedSession> {
        const family = newId<Id<"sessionFamily">>();
        const session = this.newSession({ ...opening, kind: "wallet", family }, lifetimeMs.refresh);
        const sdk = this.newSession({ ...opening, kind: "sdk", family }, lifetimeMs.sdk);
        const refresh = this.newRefreshToken(session.id);
        await this.db.transaction(async () => {
            await this.sessions.add([session, sdk]);
            await this.sessions.addRefreshToken(refresh.row);
        });
        return this.issue(session, sdk, refresh.secret);
    }

    /**
     * Trades a refresh token for new tokens, once. A spent one that comes back means that somebody copied
     * it: the whole family is revoked, and both sides must sign in again (`REFRESH_INVALID`).
     */
    async refresh(refreshToken: string): Promise<IssuedSession> {
        const refreshed = await this.db.transaction(() => this.rotate(secretHash(refreshToken)));
        if (refreshed === "invalid") throw refreshInvalid();
        if ("reused" in refreshed) {
            this.alive.clear();
            log.warn({ event: "auth.refreshReuse", family: refreshed.reused }, "refresh reused");
            throw refreshInvalid();
        }
        return this.issue(refreshed.session, refreshed.sdk, refreshed.secret);
    }

    /** An SDK token for the holder of a wallet session, for one shop's pages when a merchant is named. */
    async openSdk(parent: Session, merchantId: MerchantId | null): Promise<IssuedToken> {
        const { family, subject: wallet, credentialId, userAgent } = parent;
        const sdk = this.newSession(
            { kind: "sdk", family, wallet, credentialId, merchantId, userAgent },
            lifetimeMs.sdk
        );
        await this.sessions.add([sdk]);
        return this.tokenOf("sdk", sdk, sdk.expiresAt);
    }

    async openBusiness(wallet: Address, userAgent: string | null): Promise<Session> {
        const session = this.newSession(
            { kind: "business", wallet, userAgent },
            lifetimeMs.business
        );
        await this.sessions.add([session]);
        return session;
    }

    /** The session behind a token. Throws `TOKEN_INVALID`, or `SESSION_ENDED` when it was revoked or ran out. */
    async authenticate(audience: Audience, token: string): Promise<Session> {
        const { sid } = await this.tokens.verify(audience, token);
        return this.getAlive(sid);
    }

    async getAlive(sid: SessionId): Promise<Session> {
        const known = this.alive.get(sid);
        if (known && known.expiresAt > this.clock.now()) return known;
        const session = await this.sessions.findAlive(sid, this.clock.now());
        if (!session) throw new UnauthenticatedError("SESSION_ENDED", "This session has ended");
        this.alive.set(sid, session);
        return session;
    }

    /** Ends a session and everything that was minted with it. */
    async revoke({ family }: Session): Promise<void> {
        await this.sessions.revokeFamily(family, this.clock.now());
        for (const [sid, session] of this.alive.entries()) {
            if (session.family === family) this.alive.delete(sid);
        }
    }

    /** The person behind a wallet is forgotten: their sessions end, and with them what is known of their devices. */
    async eraseOf(wallet: Address): Promise<void> {
        await this.sessions.eraseOf(wallet, this.clock.now());
        this.alive.clear();
    }

    private async rotate(hash: string) {
        const now = this.clock.now();
        const token = await this.sessions.lockRefreshToken(hash);
        const session = token && (await this.sessions.findAlive(token.sessionId, now));
        if (!session || token.expiresAt <= now) return "invalid" as const;
        if (token.spentAt) {
            await this.sessions.revokeFamily(session.family, now);
            return { reused: session.family };
        }
        const family = await this.sessions.findFamily(session.family);
        const sdk = family.find(({ kind, merchantId }) => kind === "sdk" && merchantId === null);
        if (!sdk) throw new Error(`Session family ${session.family} has no SDK session`);
        const next = this.newRefreshToken(session.id);
        await this.sessions.spendRefreshToken(hash, now);
        await this.sessions.addRefreshToken(next.row);
        await this.sessions.extend(session.id, later(now, lifetimeMs.refresh));
        await this.sessions.extend(sdk.id, later(now, lifetimeMs.sdk));
        return { session, sdk, secret: next.secret };
    }

    private async issue(
        session: Session,
        sdk: Session,
        refreshToken: string
    ): Promise<IssuedSession> {
        const now = this.clock.now();
        return {
            session,
            access: await this.tokenOf("wallet", session, later(now, lifetimeMs.access)),
            refreshToken,
            sdk: await this.tokenOf("sdk", sdk, later(now, lifetimeMs.sdk)),
        };
    }

    private async tokenOf(
        audience: Audience,
        { id: sid, subject: wallet }: Session,
        expiresAt: Date
    ): Promise<IssuedToken> {
        return { token: await this.tokens.sign(audience, { sid, wallet }, expiresAt), expiresAt };
    }

    private newSession(opening: Opening, lifetime: number): Session {
        const createdAt = this.clock.now();
        const id = newId<SessionId>();
        return {
            id,
            kind: opening.kind,
            family: opening.family ?? newId(),
            subject: opening.wallet,
            credentialId: opening.credentialId ?? null,
            merchantId: opening.merchantId ?? null,
            scopes: opening.kind === "sdk" ? ["interaction"] : [],
            userAgent: opening.userAgent,
            createdAt,
            expiresAt: later(createdAt, lifetime),
            revokedAt: null,
        };
    }

    private newRefreshToken(sessionId: SessionId): { secret: string; row: RefreshToken } {
        const secret = randomBytes(32).toString("base64url");
        const expiresAt = later(this.clock.now(), lifetimeMs.refresh);
        return { secret, row: { hash: secretHash(secret), sessionId, expiresAt, spentAt: null } };
    }
}

const refreshInvalid = () =>
    new UnauthenticatedError("REFRESH_INVALID", "This refresh token is not valid; sign in again");
