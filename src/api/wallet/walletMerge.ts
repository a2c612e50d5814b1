import { Elysia, t } from "elysia";
import { OrchestrationContext } from "@/orchestration";
import type { ChallengeId } from "@/utils/ids";
import { idempotent } from "../macros/idempotency";
import { rateLimit } from "../macros/rateLimit";
import { walletSession } from "../macros/walletSession";
import { AddressText, asInstant, IdOf, Instant, refusals } from "../schemas";
import { AuthenticationCredential } from "./passkeyShapes";

const { walletMerge: flow } = OrchestrationContext;
const tags = ["identity"];
const unproven = ["AUTH_REQUIRED", "TOKEN_INVALID", "SESSION_ENDED"];

/** Two wallets of one person become one, with the consent of both. */
export const walletMerge = new Elysia({ prefix: "/identity/wallet-merge" })
    .use(rateLimit)
    .use(walletSession)
    .use(idempotent)
    .guard({ rateLimit: "auth", walletSession: true })
    .post(
        "/challenge",
        async ({ body, session }) => {
            const asked = await flow.ask({ into: session.subject, from: body.from });
            return {
                challengeId: asked.id,
                challenge: Buffer.from(asked.challenge).toString("base64url"),
                rpId: asked.rpId,
                expiresAt: asInstant(asked.expiresAt),
            };
        },
        {
            idempotent: true,
            body: t.Object({ from: AddressText }),
            response: {
                200: t.Object({
                    challengeId: t.String(),
                    challenge: t.String({ description: "33 bytes, base64url" }),
                    rpId: t.String(),
                    expiresAt: Instant,
                }),
                ...refusals({ 400: ["SAME_WALLET"], 401: unproven }),
            },
            detail: {
                tags,
                summary: "What a passkey of each wallet is to sign, to be one person",
                description:
                    "Single use, five minutes. `from` is the wallet that gives; the caller's is the one that stays.",
            },
        }
    )
    .post(
        "",
        async ({ body: { challengeId, into, from }, session }) => ({
            merged: await flow.merge({
                challengeId,
                into: session.subject,
                answers: { into, from },
            }),
        }),
        {
            idempotent: true,
            body: t.Object({
                challengeId: IdOf<ChallengeId>(),
                into: AuthenticationCredential,
                from: AuthenticationCredential,
            }),
            response: {
                200: t.Object({ merged: t.Boolean() }),
                ...refusals({
                    400: ["CHALLENGE_INVALID"],
                    401: [...unproven, "ASSERTION_INVALID", "COUNTER_REGRESSION"],
                    404: ["CREDENTIAL_UNKNOWN"],
                }),
            },
            detail: {
                tags,
                summary: "Make two wallets one person's",
                description:
                    "Identifiers, purchases and what is owed move to the caller's wallet. What is on its way or on chain stays with the other.",
            },
        }
    );
