import { Elysia, t } from "elysia";
import type { Hex } from "viem";
import { AuthContext } from "@/domain/auth";
import { config } from "@/infrastructure/config";
import { businessSession, sessionCookie } from "../macros/businessSession";
import { idempotent } from "../macros/idempotency";
import { rateLimit } from "../macros/rateLimit";
import { asInstant, Instant, refusals } from "../schemas";
import { seal, sealLifetimeSeconds } from "../seal";

const { siwe, sessions } = AuthContext.services;

const tags = ["dashboard auth"];
const preSessionCookie = "businessPreSession";
const cookieOptions = {
    httpOnly: true,
    secure: !config.isDevelopment,
    sameSite: "lax",
    path: "/business",
} as const;

const signIn = new Elysia()
    .use(rateLimit)
    .use(idempotent)
    .post(
        "/nonce",
        async ({ request, cookie }) => {
            const challenge = await siwe.challenge(request.headers.get("origin") ?? undefined);
            const { nonce, browserSecret, domain, uri, chainId, expiresAt } = challenge;
            cookie[preSessionCookie]?.set({ ...cookieOptions, value: browserSecret, maxAge: 300 });
            return { nonce, domain, uri, chainId, expiresAt: asInstant(expiresAt) };
        },
        {
            rateLimit: "auth",
            idempotent: true,
            response: {
                200: t.Object({
                    nonce: t.String(),
                    domain: t.String(),
                    uri: t.String(),
                    chainId: t.Integer(),
                    expiresAt: Instant,
                }),
                ...refusals(),
            },
            detail: {
                tags,
                summary: "What the sign-in message must say",
                description:
                    "Single use, five minutes, good for the browser that asked (a cookie comes with it).",
            },
        }
    )
    .post(
        "/login",
        async ({ body, cookie, request }) => {
            const browserSecret = cookie[preSessionCookie]?.value;
            const wallet = await siwe.verify(
                body.message,
                body.signature as Hex,
                typeof browserSecret === "string" ? browserSecret : undefined
            );
            const userAgent = request.headers.get("user-agent")?.slice(0, 255) ?? null;
            const session = await sessions.openBusiness(wallet, userAgent);
            cookie[preSessionCookie]?.set({ ...cookieOptions, value: "", maxAge: 0 });
            cookie[sessionCookie]?.set({
                ...cookieOptions,
                value: await seal({ wallet, sid: session.id }),
                maxAge: sealLifetimeSeconds,
            });
            return { wallet, expiresAt: asInstant(session.expiresAt) };
        },
        {
            rateLimit: "auth",
            idempotent: true,
            body: t.Object({
                message: t.String({ maxLength: 4_096, description: "A SIWE message (EIP-4361)" }),
                signature: t.String({ pattern: "^0x[\\da-fA-F]{2,20000}$" }),
            }),
            response: {
                200: t.Object({ wallet: t.String(), expiresAt: Instant }),
                ...refusals({ 401: ["SIWE_INVALID", "NONCE_INVALID"], 503: ["CHAIN_UNAVAILABLE"] }),
            },
            detail: { tags, summary: "Sign in with Ethereum; sets the session cookie" },
        }
    );

const session = new Elysia()
    .use(rateLimit)
    .use(businessSession)
    .use(idempotent)
    .guard({ rateLimit: "dashboard", businessSession: true })
    .post(
        "/logout",
        async ({ session, cookie, status }) => {
            await sessions.revoke(session);
            cookie[sessionCookie]?.set({ ...cookieOptions, value: "", maxAge: 0 });
            return status(204, undefined);
        },
        {
            idempotent: true,
            response: { 204: t.Void(), ...refusals({ 401: ["AUTH_REQUIRED", "SESSION_ENDED"] }) },
            detail: { tags, summary: "End this session" },
        }
    )
    .get(
        "/session",
        ({ session }) => ({
            wallet: session.subject,
            expiresAt: asInstant(session.expiresAt),
        }),
        {
            response: {
                200: t.Object({ wallet: t.String(), expiresAt: Instant }),
                ...refusals({ 401: ["AUTH_REQUIRED", "SESSION_ENDED"] }),
            },
            detail: { tags, summary: "Who is signed in" },
        }
    );

export const businessAuth = new Elysia({ prefix: "/auth" }).use(signIn).use(session);
