import { Elysia, t } from "elysia";
import type { Session } from "@/domain/auth";
import { IdentityContext, type NodeKey } from "@/domain/identity";
import { personalCodeLength, ReferralContext } from "@/domain/referral";
import { OrchestrationContext } from "@/orchestration";
import type { MerchantId } from "@/utils/ids";
import { idempotent } from "../macros/idempotency";
import { rateLimit } from "../macros/rateLimit";
import { visitor } from "../macros/visitor";
import { walletSession } from "../macros/walletSession";
import { asInstant, IdOf, Instant, orNull, refusals } from "../schemas";

const { identities } = IdentityContext.services;
const { personalCodes } = ReferralContext.services;
const { personalCode, referrer, shareLink } = OrchestrationContext;

const tags = ["referral"];
const OfMerchant = t.Object({ merchantId: IdOf<MerchantId>() });
const PersonalCode = t.String({
    pattern: `^[A-Za-z\\d]{${personalCodeLength}}$`,
    description: "6 letters or digits, in any case",
    examples: ["BEN4TE"],
});
const signedOut = ["AUTH_REQUIRED", "TOKEN_INVALID", "SESSION_ENDED"];

const visitorRoutes = new Elysia()
    .use(rateLimit)
    .use(visitor)
    .guard({ rateLimit: "sdk", visitor: true })
    .get("/link", ({ query, visitor }) => shareLink.linkOf(query.merchantId, visitor), {
        query: OfMerchant,
        response: {
            200: t.Object({ code: t.String(), url: t.String() }),
            ...refusals({
                401: ["AUTH_REQUIRED", "TOKEN_INVALID"],
                404: ["MERCHANT_NOT_FOUND"],
            }),
        },
        detail: {
            tags,
            summary: "The caller's own link to share",
            description: "The code in it is public, made once, and tells nothing of its owner.",
        },
    })
    .get(
        "/status",
        async ({ query, visitor }) => {
            const status = await referrer.statusOf(visitor, query.merchantId);
            if (!status.referred) return { referred: false };
            return { ...status, since: asInstant(status.since) };
        },
        {
            query: OfMerchant,
            response: {
                200: t.Object({
                    referred: t.Boolean(),
                    since: t.Optional(Instant),
                    code: t.Optional(orNull(t.String())),
                }),
                ...refusals({ 401: ["AUTH_REQUIRED", "TOKEN_INVALID"] }),
            },
            detail: {
                tags,
                summary: "Whether somebody brought the caller to this shop",
                description: "Since when, and by which code. Asking changes nothing.",
            },
        }
    );

const walletRoutes = new Elysia()
    .use(rateLimit)
    .use(walletSession)
    .use(idempotent)
    .guard({ rateLimit: "wallet", walletSession: true })
    .post(
        "/code",
        async ({ body, session, status }) =>
            status(201, { code: await personalCode.open(keyOf(session), body.code) }),
        {
            idempotent: true,
            body: t.Object({ code: t.Optional(PersonalCode) }),
            response: {
                201: t.Object({ code: t.String() }),
                ...refusals({
                    401: signedOut,
                    409: ["ALREADY_ACTIVE", "CODE_UNAVAILABLE"],
                }),
            },
            detail: {
                tags,
                summary: "A code of one's own, good at every shop",
                description: "The one that is asked for, if it is free; else any.",
            },
        }
    )
    .delete(
        "/code",
        async ({ session, status }) => {
            await personalCode.retire(keyOf(session));
            return status(204, undefined);
        },
        {
            idempotent: true,
            response: {
                204: t.Void(),
                ...refusals({ 401: signedOut, 404: ["CODE_NOT_FOUND"] }),
            },
            detail: {
                tags,
                summary: "Give up one's own code",
                description: "Nobody else gets it. Whoever redeemed it stays referred.",
            },
        }
    )
    .post(
        "/code/redeem",
        async ({ body, session, status }) => {
            await personalCode.redeem(keyOf(session), body.code);
            return status(204, undefined);
        },
        {
            idempotent: true,
            body: t.Object({ code: PersonalCode }),
            response: {
                204: t.Void(),
                ...refusals({
                    400: ["SELF_REFERRAL"],
                    401: signedOut,
                    404: ["CODE_NOT_FOUND"],
                    409: ["WOULD_CYCLE", "ALREADY_REDEEMED"],
                }),
            },
            detail: {
                tags,
                summary: "Type in a friend's code",
                description:
                    "The friend counts as who brought the caller to every shop that nobody else brought them to.",
            },
        }
    )
    .get(
        "/code/suggest",
        async ({ query }) => ({ codes: await personalCodes.suggest(query.stem) }),
        {
            query: t.Object({
                stem: t.String({ pattern: `^[A-Za-z\\d]{1,${personalCodeLength}}$` }),
            }),
            response: {
                200: t.Object({ codes: t.Array(t.String()) }),
                ...refusals({ 401: signedOut }),
            },
            detail: { tags, summary: "Free codes that begin like this" },
        }
    )
    .delete(
        "/referrer",
        async ({ query, session, status }) => {
            await referrer.remove(keyOf(session), query.merchantId);
            return status(204, undefined);
        },
        {
            idempotent: true,
            query: t.Object({
                merchantId: t.Optional(
                    IdOf<MerchantId>("Without it, it is about the personal code that was redeemed")
                ),
            }),
            response: {
                204: t.Void(),
                ...refusals({ 401: signedOut, 404: ["NO_REFERRER"] }),
            },
            detail: {
                tags,
                summary: "Nobody is to count as who brought the caller to this shop",
            },
        }
    );

export const referral = new Elysia({ prefix: "/referral" }).use(visitorRoutes).use(walletRoutes);

const keyOf = ({ subject }: Session): NodeKey =>
    identities.keyOf({ kind: "wallet", wallet: subject });
