import { Elysia, t } from "elysia";
import type { NodeKey } from "@/domain/identity";
import { IdentityContext } from "@/domain/identity";
import { OrchestrationContext } from "@/orchestration";
import { ReadContext } from "@/orchestration/read";
import { InvalidError, UnauthenticatedError } from "@/utils/errors";
import type { MerchantId } from "@/utils/ids";
import { idempotent } from "../macros/idempotency";
import { rateLimit } from "../macros/rateLimit";
import { clientOf, visitor } from "../macros/visitor";
import { steppedUpSession, walletSession } from "../macros/walletSession";
import { asInstant, asInstantOrNull, IdOf, Instant, orNull, refusals } from "../schemas";

const { identities } = IdentityContext.services;
const { erasure, identityLinking } = OrchestrationContext;

const tags = ["identity"];
const OfShop = t.Object({ merchantId: IdOf<MerchantId>() });
const unproven = ["AUTH_REQUIRED", "TOKEN_INVALID", "SESSION_ENDED"];

const linkRoutes = new Elysia()
    .use(rateLimit)
    .use(visitor)
    .use(idempotent)
    .guard({ rateLimit: "sdk", visitor: true })
    .post(
        "/ensure",
        async ({ body, visitor, request }) => {
            if (visitor.kind !== "wallet") throw walletNeeded();
            const client = clientNamed(request, body.merchantId);
            return { status: await identityLinking.ensure(visitor, client) };
        },
        {
            idempotent: true,
            body: OfShop,
            response: {
                200: t.Object({ status: t.String({ examples: ["linked", "alreadyLinked"] }) }),
                ...refusals({
                    401: unproven,
                    403: ["MERCHANT_MISMATCH"],
                    409: ["WALLET_CONFLICT"],
                }),
            },
            detail: {
                tags,
                summary: "This browser is the wallet's",
                description:
                    "For a wallet or SDK token with `x-client-id`. What the browser earned on this shop is the wallet's from now on.",
            },
        }
    )
    .post(
        "/merge-tokens",
        async ({ body: { merchantId }, visitor: person }) => {
            const asked = { kind: "mergeToken", merchantId, person } as const;
            const { secret, expiresAt } = await identityLinking.handOut(asked);
            return { token: secret, expiresAt: asInstant(expiresAt) };
        },
        {
            idempotent: true,
            body: OfShop,
            response: {
                200: t.Object({ token: t.String(), expiresAt: Instant }),
                ...refusals({
                    401: unproven,
                    403: ["MERCHANT_MISMATCH"],
                    404: ["MERCHANT_NOT_FOUND"],
                }),
            },
            detail: {
                tags,
                summary: "A token to be known by in another browser",
                description: "One use, an hour. Whoever presents it is taken for the caller.",
            },
        }
    )
    .post(
        "/merge",
        async ({ body: { token, merchantId }, request }) => {
            const client = clientNamed(request, merchantId);
            return { merged: await identityLinking.merge(token, merchantId, client) };
        },
        {
            idempotent: true,
            body: t.Object({
                token: t.String({ minLength: 1, maxLength: 200 }),
                merchantId: IdOf<MerchantId>(),
            }),
            response: {
                200: t.Object({ merged: t.Boolean() }),
                ...refusals({
                    400: ["MERCHANT_MISMATCH"],
                    401: unproven,
                    403: ["MERCHANT_MISMATCH"],
                    409: ["WALLET_CONFLICT"],
                }),
            },
            detail: {
                tags,
                summary: "This browser is whose token it is",
                description: "A refusal spends nothing. Not merged: they were one person already.",
            },
        }
    )
    .post(
        "/install-codes",
        async ({ body: { merchantId }, visitor: person }) => {
            const asked = { kind: "installCode", merchantId, person } as const;
            const { secret, expiresAt } = await identityLinking.handOut(asked);
            return { code: secret, expiresAt: asInstant(expiresAt) };
        },
        {
            rateLimit: "auth",
            idempotent: true,
            body: OfShop,
            response: {
                200: t.Object({ code: t.String({ examples: ["K7PQ2M"] }), expiresAt: Instant }),
                ...refusals({
                    401: unproven,
                    403: ["MERCHANT_MISMATCH"],
                    404: ["MERCHANT_NOT_FOUND"],
                }),
            },
            detail: {
                tags,
                summary: "A code to type into the wallet app",
                description: "Six letters and digits, one use, 72 hours.",
            },
        }
    );

const redeemRoute = new Elysia()
    .use(rateLimit)
    .use(walletSession)
    .use(idempotent)
    .guard({ rateLimit: "auth", walletSession: true })
    .post(
        "/install-codes/redeem",
        async ({ body, session: { subject: wallet } }) => ({
            merchant: await identityLinking.redeem(
                body.code,
                identities.keyOf({ kind: "wallet", wallet })
            ),
        }),
        {
            idempotent: true,
            body: t.Object({ code: t.String({ pattern: "^\\s*[A-Za-z0-9]{6}\\s*$" }) }),
            response: {
                200: t.Object({
                    merchant: t.Object({ id: t.String(), name: t.String(), domain: t.String() }),
                }),
                ...refusals({
                    401: unproven,
                    404: ["CODE_NOT_FOUND"],
                    409: ["WALLET_CONFLICT"],
                }),
            },
            detail: {
                tags,
                summary: "What the browser with this code has is the wallet's",
                description: "In upper or lower case. A refusal spends nothing.",
            },
        }
    );

const meRoute = new Elysia()
    .use(rateLimit)
    .use(visitor)
    .guard({ rateLimit: "sdk", visitor: true })
    .get("/me", ({ visitor }) => asMe(visitor), {
        query: t.Object({
            merchantId: t.Optional(
                IdOf<MerchantId>("Needed with x-client-id: a browser is known by shop")
            ),
        }),
        response: {
            200: t.Object({
                wallet: orNull(t.String()),
                nodes: t.Array(
                    t.Object({
                        kind: t.String({ examples: ["client", "customer", "wallet", "email"] }),
                        merchantId: orNull(t.String()),
                        verifiedAt: orNull(Instant),
                        createdAt: Instant,
                    })
                ),
                merchants: t.Array(t.Object({ id: t.String(), name: t.String() })),
            }),
            ...refusals({ 401: unproven, 403: ["MERCHANT_MISMATCH"] }),
        },
        detail: {
            tags,
            summary: "What is known to be the caller's",
            description: "Kinds of identifiers, never their values. Nothing is made by asking.",
        },
    });

const erasureRoute = new Elysia()
    .use(rateLimit)
    .use(steppedUpSession)
    .guard({ rateLimit: "wallet", steppedUpSession: true })
    .delete(
        "/me",
        async ({ session, status }) => {
            await erasure.eraseWallet(session.subject);
            return status(202, { status: "started" });
        },
        {
            response: {
                202: t.Object({ status: t.String({ examples: ["started"] }) }),
                ...refusals({
                    401: unproven,
                    403: ["PASSKEY_SESSION_REQUIRED", "STEP_UP_REQUIRED"],
                }),
            },
            detail: {
                tags,
                summary: "Forget me",
                description:
                    "The sessions end at once; everything personal is erased in the background. Amounts stay, and so do the passkeys: they open what is the wallet's on chain.",
            },
        }
    );

export const identity = new Elysia({ prefix: "/identity" })
    .use(linkRoutes)
    .use(redeemRoute)
    .use(meRoute)
    .use(erasureRoute);

async function asMe(key: NodeKey) {
    const [groupId] = await identities.find([key]);
    if (!groupId) return { wallet: null, nodes: [], merchants: [] };
    const nodes = await identities.nodesOf(groupId);
    const wallet = (await identities.walletsOf([groupId])).get(groupId) ?? null;
    return {
        wallet,
        nodes: nodes.map(({ kind, merchantId, verifiedAt, createdAt }) => ({
            kind,
            merchantId,
            verifiedAt: asInstantOrNull(verifiedAt),
            createdAt: asInstant(createdAt),
        })),
        merchants: await ReadContext.people.merchantsOf(groupId),
    };
}

function clientNamed(request: Request, merchantId: MerchantId): NodeKey {
    const client = clientOf(request, merchantId);
    if (client) return client;
    throw new InvalidError("INVALID_REQUEST", "This takes the browser's x-client-id");
}

const walletNeeded = () =>
    new UnauthenticatedError("AUTH_REQUIRED", "This takes a wallet token or an SDK token");
