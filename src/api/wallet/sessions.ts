import { Elysia, t } from "elysia";
import { AuthContext, type Session } from "@/domain/auth";
import { MerchantContext } from "@/domain/merchant";
import type { MerchantId, SessionId } from "@/utils/ids";
import { idempotent } from "../macros/idempotency";
import { rateLimit } from "../macros/rateLimit";
import { walletSession } from "../macros/walletSession";
import { PageQuery, pageFrom, pageOf, toPage } from "../page";
import { asInstant, IdOf, Instant, orNull, refusals } from "../schemas";

const { sessions } = AuthContext.services;
const { merchants } = MerchantContext.services;

const tags = ["wallet auth"];
const ended = ["AUTH_REQUIRED", "TOKEN_INVALID", "SESSION_ENDED"];

const Token = t.Object({ token: t.String(), expiresAt: Instant });
const OwnSession = t.Object({
    id: t.String(),
    kind: t.String({ examples: ["passkey", "paired", "sdk"] }),
    isCurrent: t.Boolean({ description: "Whether it is the one that asks" }),
    credentialId: orNull(t.String()),
    merchantId: orNull(t.String({ description: "The shop whose pages it is for" })),
    userAgent: orNull(t.String()),
    createdAt: Instant,
    lastSeenAt: Instant,
    expiresAt: Instant,
});

export const sessionRoutes = new Elysia()
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
            response: { 204: t.Void(), ...refusals({ 401: ended }) },
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
                ...refusals({ 401: ended }),
            },
            detail: { tags, summary: "Who is signed in" },
        }
    )
    .post(
        "/sdk",
        async ({ session, body: { merchantId } }) => {
            if (merchantId) await merchants.get(merchantId);
            const { token, expiresAt } = await sessions.openSdk(session, merchantId ?? null);
            return { token, expiresAt: asInstant(expiresAt) };
        },
        {
            idempotent: true,
            body: t.Object({ merchantId: t.Optional(IdOf<MerchantId>()) }),
            response: { 200: Token, ...refusals({ 401: ended, 404: ["MERCHANT_NOT_FOUND"] }) },
            detail: {
                tags,
                summary: "A token for a shop's page, good for interactions only",
                description:
                    "With `merchantId` it is good on that shop alone. It ends with the session that it is made with.",
            },
        }
    )
    .get(
        "/sessions",
        async ({ session, query }) => {
            const page = pageFrom(query);
            const { limit, before } = page;
            const rows = await sessions.list(session.subject, { limit: limit + 1, before });
            return toPage(rows, page, asOwnSession(session.id));
        },
        {
            query: PageQuery,
            response: {
                200: pageOf(OwnSession),
                ...refusals({ 400: ["INVALID_CURSOR"], 401: ended }),
            },
            detail: { tags, summary: "Where the caller's wallet is signed in, newest first" },
        }
    )
    .delete(
        "/sessions/:sid",
        async ({ session, params, status }) => {
            await sessions.revokeOwn(session.subject, params.sid);
            return status(204, undefined);
        },
        {
            idempotent: true,
            params: t.Object({ sid: IdOf<SessionId>() }),
            response: {
                204: t.Void(),
                ...refusals({ 401: ended, 404: ["SESSION_NOT_FOUND"] }),
            },
            detail: {
                tags,
                summary: "Sign out on one device, or on one shop's page",
                description:
                    "What was minted with the session ends with it, in every process at once.",
            },
        }
    );

const asOwnSession = (current: SessionId) => (session: Session) => ({
    id: session.id,
    kind: session.kind === "wallet" ? "passkey" : session.kind,
    isCurrent: session.id === current,
    credentialId: session.credentialId,
    merchantId: session.merchantId,
    userAgent: session.userAgent,
    createdAt: asInstant(session.createdAt),
    lastSeenAt: asInstant(session.lastSeenAt),
    expiresAt: asInstant(session.expiresAt),
});
