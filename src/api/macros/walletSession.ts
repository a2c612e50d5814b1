import { Elysia } from "elysia";
import { AuthContext } from "@/domain/auth";
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
        const token = walletTokenOf(request);
        if (!token) throw authRequired("This takes a wallet token in x-wallet-auth");
        return { session: await AuthContext.services.sessions.authenticate("wallet", token) };
    },
});
