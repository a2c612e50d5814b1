import { randomBytes } from "node:crypto";
import type { Address } from "viem";
import { secretHash } from "@/infrastructure/crypto/secretHash";
import { log } from "@/infrastructure/observability/log";
import type { Database } from "@/infrastructure/persistence/Database";
import { ForbiddenError, NotFoundError, UnauthenticatedError } from "@/utils/errors";
import { type Id, type MerchantId, newId, type PairingId, type SessionId } from "@/utils/ids";
import { type Clock, days, hours, later, minutes } from "@/utils/time";
import type {
    RefreshToken,
    Session,
    SessionPage,
    SessionRepository,
} from "../repositories/SessionRepository";
import type { LivenessService } from "./LivenessService";
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
    /** Of a device without a passkey of its own: its session is `paired`. */
    pairingId?: PairingId | null;
    userAgent: string | null;
};

const lifetimeMs = { access: minutes(15), refresh: days(30), sdk: hours(24), business: days(7) };
/** How fresh the proof that somebody is there must be for what cannot be undone. */
const stepUpMs = minutes(5);

export class SessionService {
    constructor(
        private readonly db: Database,
        private readonly sessions: SessionRepository,
        private readonly tokens: TokenService,
        private readonly liveness: LivenessService,
        private readonly clock: Clock
    ) {}

    /** A wallet's session with its SDK session; they die together. With a pairing it is the pairing's, too. */
    async open(opening: Omit<Opening, "kind" | "family" | "merchantId">): Promise<IssuedSession> {
        const family = newId<Id<"sessionFamily">>();
        const kind = opening.pairingId ? "paired" : "wallet";
        const session = this.newSession({ ...opening, kind, family }, lifetimeMs.refresh);
        const sdk = this.newSession({ ...opening, kind: "sdk", family }, lifetimeMs.sdk);
        const refresh = this.newRefreshToken(session.id);
        await this.sessions.open({ sessions: [session, sdk], token: refresh.row });
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
            const { id: sid, family, subject, credentialId } = refreshed.reused;
            const whose = { sid, family, wallet: subject, credentialId };
            log.warn(
                { event: "security.refreshReuse", ...whose },
                "a spent refresh token came back"
            );
            throw refreshInvalid();
        }
        return this.issue(refreshed.session, refreshed.sdk, refreshed.secret);
    }

    /** An SDK token for the holder of a wallet session, for one shop's pages when a merchant is named. */
    async openSdk(parent: Session, merchantId: MerchantId | null): Promise<IssuedToken> {
        const { family, subject: wallet, credentialId, pairingId, userAgent } = parent;
        const sdk = this.newSession(
            { kind: "sdk", family, wallet, credentialId, merchantId, pairingId, userAgent },
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
        return this.liveness.get(sid);
    }

    /** As it is now; nothing when it has ended. */
    async find(sid: SessionId): Promise<Session | undefined> {
        return this.sessions.findAlive(sid, this.clock.now());
    }

    /** The sessions that a wallet's holder can see and end, newest first. */
    async list(wallet: Address, page: SessionPage): Promise<Session[]> {
        return this.sessions.findOwn(wallet, this.clock.now(), page);
    }

    /** Ends a session and everything that was minted with it, in every process. */
    async revoke({ family }: Pick<Session, "family">): Promise<void> {
        await this.liveness.end({ family });
    }

    /** A shop's session ends alone, any other with what was minted with it. Throws `SESSION_NOT_FOUND`. */
    async revokeOwn(wallet: Address, sid: SessionId): Promise<void> {
        const session = await this.sessions.findOwnOne(wallet, sid, this.clock.now());
        if (!session) throw new NotFoundError("SESSION_NOT_FOUND", "You have no such session");
        const { id, kind, family } = session;
        await this.liveness.end(kind === "sdk" ? { id } : { family });
    }

    /** Ends every session that a passkey opened, on whatever device. */
    async revokeOfCredential(credentialId: string): Promise<void> {
        await this.liveness.end({ credentialId });
    }

    /** Ends what a device without a passkey of its own was given. */
    async revokeOfPairing(pairingId: PairingId): Promise<void> {
        await this.liveness.end({ pairingId });
    }

    /** Notes that a passkey of the wallet just confirmed it; good until the moment that is given back. */
    async stepUp({ id }: Session): Promise<Date> {
        const now = this.clock.now();
        await this.sessions.markSteppedUp(id, now);
        return later(now, stepUpMs);
    }

    /** Throws `STEP_UP_REQUIRED` unless a passkey confirmed this session within the last five minutes. */
    async assertSteppedUp({ id }: Session): Promise<void> {
        const { steppedUpAt } = await this.liveness.read(id);
        if (steppedUpAt && steppedUpAt > later(this.clock.now(), -stepUpMs)) return;
        const how = "Confirm with a passkey of this wallet first (POST /auth/step-up)";
        throw new ForbiddenError("STEP_UP_REQUIRED", how);
    }

    /** The person behind a wallet is forgotten: their sessions end, and with them what is known of their devices. */
    async eraseOf(wallet: Address): Promise<void> {
        await this.liveness.end({ wallet });
        await this.sessions.eraseDevices(wallet);
    }

    private async rotate(hash: string) {
        const now = this.clock.now();
        const token = await this.sessions.lockRefreshToken(hash);
        const session = token && (await this.sessions.findAlive(token.sessionId, now));
        if (!session || token.expiresAt <= now) return "invalid" as const;
        if (token.spentAt) {
            await this.liveness.end({ family: session.family });
            return { reused: session };
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
            pairingId: opening.pairingId ?? null,
            scopes: opening.kind === "sdk" ? ["interaction"] : [],
            userAgent: opening.userAgent,
            createdAt,
            lastSeenAt: createdAt,
            steppedUpAt: null,
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
