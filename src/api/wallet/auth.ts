import { Elysia, t } from "elysia";
import { AuthContext, type Authenticator, type IssuedSession } from "@/domain/auth";
import { config } from "@/infrastructure/config";
import { OrchestrationContext } from "@/orchestration";
import type { ChallengeId, MerchantId } from "@/utils/ids";
import { oneOf } from "@/utils/schema";
import { idempotent } from "../macros/idempotency";
import { rateLimit } from "../macros/rateLimit";
import { clientOf } from "../macros/visitor";
import { walletSession } from "../macros/walletSession";
import { asInstant, IdOf, Instant, orNull, refusals } from "../schemas";
import { AuthenticationCredential, RegistrationCredential } from "./passkeyShapes";

const { challenges, passkeys, sessions } = AuthContext.services;
const { walletSignIn } = OrchestrationContext;

const challengeTimeoutMs = 300_000;
const tags = ["wallet auth"];

const Token = t.Object({ token: t.String(), expiresAt: Instant });
const WalletSession = t.Object({
    accessToken: t.String({ description: "For x-wallet-auth; 15 minutes" }),
    accessTokenExpiresAt: Instant,
    refreshToken: t.String({ description: "For /auth/refresh, once; 30 days" }),
    sdk: Token,
    wallet: t.String(),
    credentialId: t.String(),
    publicKey: t.Object({ x: t.String(), y: t.String() }),
    kind: t.String({ examples: ["passkey"] }),
});

const challengeRoute = new Elysia()
    .use(rateLimit)
    .use(idempotent)
    .post(
        "/challenge",
        async ({ body }) => {
            const { id, challenge, rpId, userHandle, expiresAt } = await challenges.issue(
                body.purpose
            );
            const name = config.WEBAUTHN_RP_NAME;
            return {
                challengeId: id,
                challenge: Buffer.from(challenge).toString("base64url"),
                rpId,
                timeoutMs: challengeTimeoutMs,
                expiresAt: asInstant(expiresAt),
                ...(userHandle ? { user: { id: userHandle, name, displayName: name } } : {}),
            };
        },
        {
            rateLimit: "auth",
            idempotent: true,
            body: t.Object({
                purpose: oneOf("register", "login", "stepUp"),
            }),
            response: {
                200: t.Object({
                    challengeId: t.String(),
                    challenge: t.String({ description: "33 bytes, base64url" }),
                    rpId: t.String(),
                    timeoutMs: t.Integer(),
                    expiresAt: Instant,
                    user: t.Optional(
                        t.Object({ id: t.String(), name: t.String(), displayName: t.String() })
                    ),
                }),
                ...refusals(),
            },
            detail: {
                tags,
                summary: "What a passkey is to sign",
                description:
                    "Single use, five minutes, good for its purpose only. For `register`, `user` is what the new passkey is to be made with.",
            },
        }
    );

const signInRoutes = new Elysia()
    .use(rateLimit)
    .use(idempotent)
    .post(
        "/register",
        async ({ body, request, status }) => {
            const { challengeId, credential, label } = body;
            const device = { label: label ?? null, userAgent: userAgentOf(request) };
            const client = clientOf(request, body.merchantId);
            return status(
                201,
                asWalletSession(
                    await walletSignIn.register({ challengeId, credential, client, device })
                )
            );
        },
        {
            rateLimit: "auth",
            idempotent: true,
            body: t.Object({
                challengeId: IdOf<ChallengeId>(),
                credential: RegistrationCredential,
                label: t.Optional(t.String({ maxLength: 100 })),
                merchantId: t.Optional(IdOf<MerchantId>()),
            }),
            response: {
                201: WalletSession,
                ...refusals({
                    400: ["CHALLENGE_INVALID", "ATTESTATION_INVALID"],
                    409: ["CREDENTIAL_EXISTS"],
                }),
            },
            detail: {
                tags,
                summary: "Make a wallet from a new passkey",
                description:
                    "The wallet's address follows from the attested key. With `x-client-id` and `merchantId`, what that browser earned on that shop is the wallet's.",
            },
        }
    )
    .post(
        "/login",
        async ({ body, request }) => {
            const { challengeId, credential, merchantId } = body;
            const device = { label: null, userAgent: userAgentOf(request) };
            const client = clientOf(request, merchantId);
            return asWalletSession(
                await walletSignIn.login({ challengeId, credential, client, device })
            );
        },
        {
            rateLimit: "auth",
            idempotent: true,
            body: t.Object({
                challengeId: IdOf<ChallengeId>(),
                credential: AuthenticationCredential,
                merchantId: t.Optional(IdOf<MerchantId>()),
            }),
            response: {
                200: WalletSession,
                ...refusals({
                    400: ["CHALLENGE_INVALID"],
                    401: ["ASSERTION_INVALID", "COUNTER_REGRESSION"],
                    404: ["CREDENTIAL_UNKNOWN"],
                }),
            },
            detail: { tags, summary: "Sign in with a passkey" },
        }
    )
    .post(
        "/refresh",
        async ({ body }) => {
            const issued = await sessions.refresh(body.refreshToken);
            const authenticator = await passkeys.get(issued.session.credentialId ?? "");
            return asWalletSession({ issued, authenticator });
        },
        {
            rateLimit: "auth",
            idempotent: true,
            body: t.Object({ refreshToken: t.String({ minLength: 20, maxLength: 200 }) }),
            response: {
                200: WalletSession,
                ...refusals({ 401: ["REFRESH_INVALID"], 404: ["CREDENTIAL_UNKNOWN"] }),
            },
            detail: {
                tags,
                summary: "New tokens for a refresh token",
                description: "Each works once: one that comes back revokes the whole session.",
            },
        }
    );

const sessionRoutes = new Elysia()
    .use(rateLimit)
    .use(walletSession)
    .use(idempotent)
    .guard({ rateLimit: "wallet", walletSession: true })
    .post(
        "/logout",
        async ({ session, status }) => {
            await sessions.revoke(session);
            return status(204, undefined);
        },
        {
            response: { 204: t.Void(), ...refusals({ 401: ["TOKEN_INVALID", "SESSION_ENDED"] }) },
            detail: { tags, summary: "End this session, its SDK tokens included" },
        }
    )
    .get(
        "/session",
        ({ session }) => ({
            wallet: session.subject,
            credentialId: session.credentialId,
            kind: session.kind === "paired" ? "paired" : "passkey",
            expiresAt: asInstant(session.expiresAt),
        }),
        {
            response: {
                200: t.Object({
                    wallet: t.String(),
                    credentialId: orNull(t.String()),
                    kind: t.String({ examples: ["passkey", "paired"] }),
                    expiresAt: Instant,
                }),
                ...refusals({ 401: ["TOKEN_INVALID", "SESSION_ENDED"] }),
            },
            detail: { tags, summary: "Who is signed in" },
        }
    )
    .post(
        "/sdk",
        async ({ session, body }) => {
            const { token, expiresAt } = await sessions.openSdk(session, body.merchantId ?? null);
            return { token, expiresAt: asInstant(expiresAt) };
        },
        {
            idempotent: true,
            body: t.Object({ merchantId: t.Optional(IdOf<MerchantId>()) }),
            response: { 200: Token, ...refusals({ 401: ["TOKEN_INVALID", "SESSION_ENDED"] }) },
            detail: { tags, summary: "A token for a shop's page, good for interactions only" },
        }
    );

export const walletAuth = new Elysia({ prefix: "/auth" })
    .use(challengeRoute)
    .use(signInRoutes)
    .use(sessionRoutes);

type SignedIn = { issued: IssuedSession; authenticator: Authenticator };

function asWalletSession({ issued, authenticator }: SignedIn) {
    const { session, access, refreshToken, sdk } = issued;
    return {
        accessToken: access.token,
        accessTokenExpiresAt: asInstant(access.expiresAt),
        refreshToken,
        sdk: { token: sdk.token, expiresAt: asInstant(sdk.expiresAt) },
        wallet: session.subject,
        credentialId: authenticator.credentialId,
        publicKey: authenticator.publicKey,
        kind: "passkey",
    };
}

const userAgentOf = (request: Request): string | null =>
    request.headers.get("user-agent")?.slice(0, 255) ?? null;
