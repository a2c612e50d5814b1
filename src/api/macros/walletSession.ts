import { Elysia } from "elysia";
import { AuthContext, type Session } from "@/domain/auth";
import { UnauthenticatedError } from "@/utils/errors";

/** A wallet token: its own header, or a bearer token where only that can be set. */
export function walletTokenOf(request: Request): string | undefined {
    const bearer = /^Bearer (.+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
    return request.headers.get("x-wallet-auth") ?? bearer;
}

export const authRequired = (how: string) => new UnauthenticatedError("AUTH_REQUIRED", how);

/** `walletSession: true` on a route: it is for a signed-in wallet, and its handler is given the `session`. */
export const walletSession = new Elysia({ name: "macro.walletSession" }).macro("walletSession", {
    detail: { security: [{ walletToken: [] }] },
    async resolve({ request }) {
        return { session: await walletSessionOf(request) };
    },
});

/** `passkeySession: true` on a route: as `walletSession`, on a device that has a passkey of its own. */
export const passkeySession = new Elysia({ name: "macro.passkeySession" }).macro("passkeySession", {
    detail: { security: [{ walletToken: [] }] },
    async resolve({ request }) {
        const session = await walletSessionOf(request);
        AuthContext.services.credentials.assertOwnPasskey(session);
        return { session };
    },
});

/**
 * `steppedUpSession: true` on a route: it does what cannot be undone, so a passkey of the wallet must have
 * confirmed within the last five minutes (`STEP_UP_REQUIRED`), on a device that has one of its own.
 */
export const steppedUpSession = new Elysia({ name: "macro.steppedUpSession" }).macro(
    "steppedUpSession",
    {
        detail: { security: [{ walletToken: [] }] },
        async resolve({ request }) {
            const session = await walletSessionOf(request);
            await AuthContext.services.credentials.assertSteppedUp(session);
            return { session };
        },
    }
);

async function walletSessionOf(request: Request): Promise<Session> {
    const token = walletTokenOf(request);
    if (!token) throw authRequired("This takes a wallet token in x-wallet-auth");
    return AuthContext.services.sessions.authenticate("wallet", token);
}
