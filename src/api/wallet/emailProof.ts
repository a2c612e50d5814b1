import { Elysia, t } from "elysia";
import { IdentityContext } from "@/domain/identity";
import { OrchestrationContext } from "@/orchestration";
import { idempotent } from "../macros/idempotency";
import { rateLimit } from "../macros/rateLimit";
import { passkeySession } from "../macros/walletSession";
import { asInstant, Instant, refusals } from "../schemas";

const { identities } = IdentityContext.services;
const { emailProof: flow } = OrchestrationContext;

const tags = ["identity"];
const unproven = ["AUTH_REQUIRED", "TOKEN_INVALID", "SESSION_ENDED"];
const Email = t.String({ format: "email", maxLength: 254, examples: ["cleo@example.com"] });

/** A mail address becomes the wallet's once it proves that it can read the mail there. */
export const emailProof = new Elysia({ prefix: "/identity/email" })
    .use(rateLimit)
    .use(passkeySession)
    .use(idempotent)
    .guard({ rateLimit: "auth", passkeySession: true })
    .post(
        "",
        async ({ body: { email }, session: { subject: wallet }, status }) => {
            const key = identities.keyOf({ kind: "wallet", wallet });
            return status(202, { expiresAt: asInstant(await flow.ask(key, email)) });
        },
        {
            idempotent: true,
            body: t.Object({ email: Email }),
            response: {
                202: t.Object({ expiresAt: Instant }),
                ...refusals({
                    401: unproven,
                    403: ["PASSKEY_SESSION_REQUIRED"],
                    503: ["MAIL_NOT_CONFIGURED"],
                }),
            },
            detail: {
                tags,
                summary: "Send a code to a mail address",
                description:
                    "Six digits, ten minutes, one use; an earlier one is worth nothing any more. Five an hour for a wallet, and to an address. The answer is the same whether or not the address is known.",
            },
        }
    )
    .post(
        "/verify",
        async ({ body: { email, code }, session: { subject } }) => {
            const wallet = identities.keyOf({ kind: "wallet", wallet: subject });
            await flow.prove({ wallet, email, code });
            return { status: "verified" };
        },
        {
            idempotent: true,
            body: t.Object({ email: Email, code: t.String({ pattern: "^\\s*\\d{6}\\s*$" }) }),
            response: {
                200: t.Object({ status: t.String({ examples: ["verified"] }) }),
                ...refusals({
                    400: ["CODE_INVALID"],
                    401: unproven,
                    403: ["PASSKEY_SESSION_REQUIRED"],
                    409: ["WALLET_CONFLICT"],
                }),
            },
            detail: {
                tags,
                summary: "This mail address is the wallet's",
                description:
                    "Orders that came with it and are nobody else's are the wallet's from now on. After five wrong codes a new one is needed.",
            },
        }
    );
