import { Elysia, t } from "elysia";
import { AuthContext } from "@/domain/auth";
import { OrchestrationContext } from "@/orchestration";
import type { MerchantId, SsoId } from "@/utils/ids";
import { idempotent } from "../macros/idempotency";
import { rateLimit } from "../macros/rateLimit";
import { walletSession } from "../macros/walletSession";
import { asInstant, IdOf, Instant, refusals } from "../schemas";

const { sso } = AuthContext.services;

const tags = ["shop sign-in"];
const ended = ["AUTH_REQUIRED", "TOKEN_INVALID", "SESSION_ENDED"];
const params = t.Object({ ssoId: IdOf<SsoId>() });

const pageRoutes = new Elysia()
    .use(rateLimit)
    .use(idempotent)
    .guard({ rateLimit: "sdk" })
    .get(
        "/prepare",
        async ({ query: { merchantId, redirectUri, codeChallenge, state } }) => {
            const { request, link } = await OrchestrationContext.sso.prepare({
                merchantId,
                redirectUri,
                codeChallenge,
                state: state ?? null,
            });
            return { ssoId: request.id, link, expiresAt: asInstant(request.expiresAt) };
        },
        {
            query: t.Object({
                merchantId: IdOf<MerchantId>(),
                redirectUri: t.String({
                    maxLength: 2_000,
                    description:
                        "Where the visitor goes back to: on a proven domain of the merchant",
                }),
                codeChallenge: t.String({
                    pattern: "^[\\w-]{43}$",
                    description:
                        "base64url(SHA-256(codeVerifier)), as PKCE has it (RFC 7636, S256)",
                }),
                state: t.Optional(t.String({ maxLength: 500 })),
            }),
            response: {
                200: t.Object({
                    ssoId: t.String(),
                    link: t.String({ description: "Opens the wallet app" }),
                    expiresAt: Instant,
                }),
                ...refusals({ 400: ["REDIRECT_NOT_ALLOWED"], 404: ["MERCHANT_NOT_FOUND"] }),
            },
            detail: { tags, summary: "A shop's page asks for a session of its visitor's wallet" },
        }
    )
    .post(
        "/login",
        async ({ body }) => {
            const answer = await sso.login(body.ssoId, body.codeVerifier);
            if (answer.status === "pending") return answer;
            const { wallet, sdk } = answer;
            const { token, expiresAt } = sdk;
            return { status: "ok", wallet, sdk: { token, expiresAt: asInstant(expiresAt) } };
        },
        {
            idempotent: true,
            body: t.Object({
                ssoId: IdOf<SsoId>(),
                codeVerifier: t.String({ pattern: "^[A-Za-z0-9._~-]{43,128}$" }),
            }),
            response: {
                200: t.Object({
                    status: t.String({ examples: ["pending", "ok"] }),
                    wallet: t.Optional(t.String()),
                    sdk: t.Optional(t.Object({ token: t.String(), expiresAt: Instant })),
                }),
                ...refusals({ 400: ["SSO_INVALID"] }),
            },
            detail: {
                tags,
                summary: "The page that asked gets its SDK token, once",
                description:
                    "`pending` until the visitor agrees. The token is good on that shop alone, and ends with the session of the wallet app that agreed.",
            },
        }
    );

const walletRoutes = new Elysia()
    .use(rateLimit)
    .use(walletSession)
    .use(idempotent)
    .guard({ rateLimit: "wallet", walletSession: true })
    .get(
        "/:ssoId",
        async ({ params, session }) => {
            const { request, shop } = await OrchestrationContext.sso.view(params.ssoId, session);
            return {
                ssoId: request.id,
                merchant: shop,
                redirectUri: request.redirectUri,
                status: request.approvedAt ? "approved" : "pending",
                expiresAt: asInstant(request.expiresAt),
            };
        },
        {
            params,
            response: {
                200: t.Object({
                    ssoId: t.String(),
                    merchant: t.Object({ id: t.String(), name: t.String(), domain: t.String() }),
                    redirectUri: t.String(),
                    status: t.String({ examples: ["pending", "approved"] }),
                    expiresAt: Instant,
                }),
                ...refusals({ 401: ended, 404: ["SSO_NOT_FOUND"] }),
            },
            detail: { tags, summary: "Which shop asks, as we know it" },
        }
    )
    .post(
        "/:ssoId/approve",
        async ({ params, session }) => ({
            redirectUri: await sso.approve(params.ssoId, session),
        }),
        {
            idempotent: true,
            params,
            response: {
                200: t.Object({
                    redirectUri: t.String({ description: "With `ssoId` and `state` in its query" }),
                }),
                ...refusals({ 401: ended, 404: ["SSO_NOT_FOUND"] }),
            },
            detail: { tags, summary: "The visitor agrees" },
        }
    );

/** A shop's page gets to know its visitor through the wallet app. */
export const walletSso = new Elysia({ prefix: "/sso" }).use(pageRoutes).use(walletRoutes);
