import { createHash } from "node:crypto";
import type { Address } from "viem";
import { equalBytes } from "@/infrastructure/crypto/equalBytes";
import type { Database } from "@/infrastructure/persistence/Database";
import { InvalidError, NotFoundError } from "@/utils/errors";
import { type MerchantId, newId, type SsoId } from "@/utils/ids";
import { type Clock, later, minutes } from "@/utils/time";
import type { Session } from "../repositories/SessionRepository";
import type { SsoRepository, SsoRequest } from "../repositories/SsoRepository";
import type { IssuedToken, SessionService } from "./SessionService";

export type { SsoRequest };
export type SsoAsking = {
    merchantId: MerchantId;
    redirectUri: string;
    codeChallenge: string;
    state: string | null;
};
export type SsoAnswer = { status: "pending" } | { status: "ok"; wallet: Address; sdk: IssuedToken };

const lifetimeMs = minutes(10);

/** A shop's page gets an SDK session when its visitor agrees in the wallet app; PKCE by S256 (RFC 7636). */
export class SsoService {
    constructor(
        private readonly db: Database,
        private readonly requests: SsoRepository,
        private readonly sessions: SessionService,
        private readonly clock: Clock
    ) {}

    /** The caller has made sure that the merchant may be redirected to there. */
    async prepare(asking: SsoAsking): Promise<SsoRequest> {
        const createdAt = this.clock.now();
        const request: SsoRequest = {
            ...asking,
            id: newId(),
            wallet: null,
            sessionId: null,
            createdAt,
            approvedAt: null,
            consumedAt: null,
            expiresAt: later(createdAt, lifetimeMs),
        };
        await this.requests.add(request);
        return request;
    }

    /** Throws `SSO_NOT_FOUND` when it is unknown, over or done, or another wallet's by now. */
    async get(id: SsoId, wallet: Address): Promise<SsoRequest> {
        const request = await this.requests.findOpen(id, this.clock.now());
        if (request && (request.wallet === null || request.wallet === wallet)) return request;
        throw new NotFoundError("SSO_NOT_FOUND", "Nobody waits for this sign-in any more");
    }

    /** Where to go back to. Agreeing twice changes nothing. Throws `SSO_NOT_FOUND`. */
    async approve(id: SsoId, { subject: wallet, id: sessionId }: Session): Promise<string> {
        const approved = await this.requests.approve(id, { wallet, sessionId }, this.clock.now());
        const { redirectUri, state } = approved ?? (await this.get(id, wallet));
        const back = new URL(redirectUri);
        back.searchParams.set("ssoId", id);
        if (state !== null) back.searchParams.set("state", state);
        return back.href;
    }

    /** What the page waits for, once. Throws `SSO_INVALID` when it is over, was had, or is another page's. */
    async login(id: SsoId, codeVerifier: string): Promise<SsoAnswer> {
        const codeChallenge = s256(codeVerifier);
        const answer = await this.db.transaction(() => this.redeem(id, codeChallenge));
        if (answer) return answer;
        const request = await this.requests.findOpen(id, this.clock.now());
        const isTheirs = equalBytes(
            Buffer.from(request?.codeChallenge ?? ""),
            Buffer.from(codeChallenge)
        );
        if (request?.approvedAt === null && isTheirs) return { status: "pending" };
        throw new InvalidError(
            "SSO_INVALID",
            "This sign-in is over, or not yours; ask for another"
        );
    }

    /** Nothing as well when who agreed has signed out since. */
    private async redeem(id: SsoId, codeChallenge: string): Promise<SsoAnswer | undefined> {
        const request = await this.requests.consume(id, codeChallenge, this.clock.now());
        if (!request?.sessionId) return undefined;
        const parent = await this.sessions.find(request.sessionId);
        if (!parent) return undefined;
        const sdk = await this.sessions.openSdk(parent, request.merchantId);
        return { status: "ok", wallet: parent.subject, sdk };
    }
}

const s256 = (verifier: string): string =>
    createHash("sha256").update(verifier, "ascii").digest("base64url");
