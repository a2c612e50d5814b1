import { Elysia } from "elysia";
import { AuthContext, type Session } from "@/domain/auth";
import { openSeal } from "../seal";
import { authRequired } from "./walletSession";

export const sessionCookie = "businessSession";

/** `businessSession: true` on a route: it is for somebody who signed in to the dashboard, whose `session` it is. */
export const businessSession = new Elysia({ name: "macro.businessSession" }).macro(
    "businessSession",
    {
        detail: { security: [{ businessSession: [] }] },
        async resolve({ cookie }) {
            return { session: await businessSessionOf(cookie[sessionCookie]?.value) };
        },
    }
);

export async function businessSessionOf(sealed: unknown): Promise<Session> {
    const payload = typeof sealed === "string" ? await openSeal(sealed) : undefined;
    if (!payload) throw authRequired("Sign in to the dashboard first");
    const session = await AuthContext.services.sessions.getAlive(payload.sid);
    if (session.kind === "business" && session.subject === payload.wallet) return session;
    throw authRequired("This session is not the dashboard's");
}
