import { Elysia, t } from "elysia";
import { AuthContext, type Authenticator } from "@/domain/auth";
import type { ChallengeId } from "@/utils/ids";
import { idempotent } from "../macros/idempotency";
import { rateLimit } from "../macros/rateLimit";
import { steppedUpSession, walletSession } from "../macros/walletSession";
import { asInstant, asInstantOrNull, IdOf, Instant, orNull, refusals } from "../schemas";
import { AuthenticationCredential, RegistrationCredential, userAgentOf } from "./passkeyShapes";

const { credentials, passkeys } = AuthContext.services;

const tags = ["wallet auth"];
const ended = ["AUTH_REQUIRED", "TOKEN_INVALID", "SESSION_ENDED"];
const notSteppedUp = ["PASSKEY_SESSION_REQUIRED", "STEP_UP_REQUIRED"];

const Passkey = t.Object({
    id: t.String(),
    label: orNull(t.String()),
    publicKey: t.Object({ x: t.String(), y: t.String() }),
    transports: t.Array(t.String()),
    isSynced: t.Boolean({ description: "Whether it can be on several devices" }),
    isBackedUp: t.Boolean(),
    userAgent: orNull(t.String()),
    createdAt: Instant,
    lastUsedAt: orNull(Instant),
});

const readRoutes = new Elysia()
    .use(rateLimit)
    .use(walletSession)
    .use(idempotent)
    .guard({ rateLimit: "wallet", walletSession: true })
    .post(
        "/step-up",
        async ({ session, body }) => ({
            expiresAt: asInstant(await credentials.stepUp(session, body)),
        }),
        {
            idempotent: true,
            body: t.Object({
                challengeId: IdOf<ChallengeId>("Of a challenge for `stepUp`"),
                credential: AuthenticationCredential,
            }),
            response: {
                200: t.Object({ expiresAt: Instant }),
                ...refusals({
                    400: ["CHALLENGE_INVALID"],
                    401: [...ended, "ASSERTION_INVALID", "COUNTER_REGRESSION"],
                    403: ["PASSKEY_SESSION_REQUIRED"],
                    404: ["CREDENTIAL_UNKNOWN"],
                }),
            },
            detail: {
                tags,
                summary: "Confirm with a passkey, for what cannot be undone",
                description:
                    "For five minutes this session may manage passkeys and erase. Any passkey of the wallet will do.",
            },
        }
    )
    .get(
        "/credentials",
        async ({ session }) => ({
            items: (await passkeys.list(session.subject)).map(asPasskey),
            nextCursor: null,
        }),
        {
            response: {
                200: t.Object({ items: t.Array(Passkey), nextCursor: t.Null() }),
                ...refusals({ 401: ended, 503: ["MONGODB_UNAVAILABLE"] }),
            },
            detail: { tags, summary: "The passkeys of the wallet, oldest first" },
        }
    );

const changeRoutes = new Elysia()
    .use(rateLimit)
    .use(steppedUpSession)
    .use(idempotent)
    .guard({ rateLimit: "wallet", steppedUpSession: true })
    .post(
        "/credentials",
        async ({ session, body, request, status }) => {
            const { challengeId, credential, label } = body;
            const device = { label: label ?? null, userAgent: userAgentOf(request) };
            const added = await credentials.add(session, { challengeId, credential, device });
            return status(201, asPasskey(added));
        },
        {
            idempotent: true,
            body: t.Object({
                challengeId: IdOf<ChallengeId>(
                    "Of a challenge for `register`, asked for with the wallet token"
                ),
                credential: RegistrationCredential,
                label: t.Optional(t.String({ maxLength: 100 })),
            }),
            response: {
                201: Passkey,
                ...refusals({
                    400: ["CHALLENGE_INVALID", "ATTESTATION_INVALID"],
                    401: ended,
                    403: notSteppedUp,
                    409: ["CREDENTIAL_EXISTS"],
                    503: ["MONGODB_UNAVAILABLE"],
                }),
            },
            detail: {
                tags,
                summary: "Add a passkey to the wallet",
                description:
                    "The wallet's address stays what it is. Takes a fresh `/auth/step-up`.",
            },
        }
    )
    .delete(
        "/credentials/:id",
        async ({ session, params, status }) => {
            await credentials.remove(session, params.id);
            return status(204, undefined);
        },
        {
            idempotent: true,
            params: t.Object({ id: t.String({ pattern: "^[\\w-]{1,1400}$" }) }),
            response: {
                204: t.Void(),
                ...refusals({
                    401: ended,
                    403: notSteppedUp,
                    404: ["CREDENTIAL_UNKNOWN"],
                    409: ["LAST_CREDENTIAL"],
                    503: ["MONGODB_UNAVAILABLE"],
                }),
            },
            detail: {
                tags,
                summary: "Remove a passkey of the wallet, and end its sessions",
                description: "The last one stays. Takes a fresh `/auth/step-up`.",
            },
        }
    );

export const credentialRoutes = new Elysia().use(readRoutes).use(changeRoutes);

const asPasskey = (passkey: Authenticator) => ({
    id: passkey.credentialId,
    label: passkey.label,
    publicKey: passkey.publicKey,
    transports: passkey.transports,
    isSynced: passkey.deviceType === "multiDevice",
    isBackedUp: passkey.backedUp,
    userAgent: passkey.userAgent,
    createdAt: asInstant(passkey.createdAt),
    lastUsedAt: asInstantOrNull(passkey.lastUsedAt),
});
