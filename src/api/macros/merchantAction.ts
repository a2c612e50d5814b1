import { Elysia } from "elysia";
import { type ApiKey, AuthContext, type Session } from "@/domain/auth";
import { type Action, leastRole, MerchantContext, type Role } from "@/domain/merchant";
import { ForbiddenError, NotFoundError } from "@/utils/errors";
import type { MerchantId } from "@/utils/ids";
import { businessSessionOf, sessionCookie } from "./businessSession";
import { roleOf } from "./merchantRole";

/** Somebody at the dashboard, or a server that acts for the wallet that made its key. */
export type BusinessCaller = Pick<Session, "subject"> & { apiKey: ApiKey | null };

type Asking = { request: Request; cookie: Record<string, { value: unknown }> };
const security = [{ businessSession: [] }, { apiKey: [] }];

/**
 * `merchantAction: "campaigns:write"` on a route with `:merchantId`: it is for signed-in staff of that merchant
 * whose role has the action, and for its API keys with that scope. Its handler is given the `session` (who
 * asks) and the `role`.
 */
export const merchantAction = new Elysia({ name: "macro.merchantAction" }).macro({
    merchantAction: (action: Action) => ({
        detail: { security },
        async resolve({ params, ...asking }) {
            const session = await businessCallerOf(asking);
            const { merchantId } = params as { merchantId: MerchantId };
            return { session, role: await allowed(session, merchantId, action) };
        },
    }),
});

/**
 * `businessCaller: true` on a route that names its merchant elsewhere than in the path: the handler is given the
 * `session` and must ask `allowed`.
 */
export const businessCaller = new Elysia({ name: "macro.businessCaller" }).macro("businessCaller", {
    detail: { security },
    async resolve(asking) {
        return { session: await businessCallerOf(asking) };
    },
});

/** `serversKey: "events:write"` on a route with `:merchantId` that signed bodies open too: whether a key did. */
export const serversKey = new Elysia({ name: "macro.serversKey" }).macro({
    serversKey: (action: Action) => ({
        async resolve({ params, request }) {
            const caller = await keyHolderOf(request);
            const { merchantId } = params as { merchantId: MerchantId };
            if (caller) await allowed(caller, merchantId, action);
            return { isEntrusted: caller !== undefined };
        },
    }),
});

/** Whoever's API key the bearer token is, where there is one. */
async function keyHolderOf(request: Request): Promise<BusinessCaller | undefined> {
    const bearer = /^Bearer (.+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
    if (bearer === undefined) return undefined;
    const apiKey = await AuthContext.services.apiKeys.authenticate(bearer);
    return { subject: apiKey.createdBy, apiKey };
}

/** An API key, where a bearer token says that it is one; else the dashboard's cookie. */
async function businessCallerOf({ request, cookie }: Asking): Promise<BusinessCaller> {
    const keyHolder = await keyHolderOf(request);
    if (keyHolder) return keyHolder;
    const { subject } = await businessSessionOf(cookie[sessionCookie]?.value);
    return { subject, apiKey: null };
}

/**
 * The role that the caller acts in. Throws `MERCHANT_NOT_FOUND` to strangers, `ROLE_TOO_LOW`, `SCOPE_MISSING`, or
 * `MODE_MISMATCH`: a test key is for test merchants, a live one for live ones.
 */
export async function allowed(
    { subject, apiKey }: BusinessCaller,
    merchantId: MerchantId,
    action: Action
): Promise<Role> {
    const role = leastRole[action];
    if (!apiKey) return roleOf({ subject }, merchantId, role);
    if (apiKey.merchantId !== merchantId) {
        throw new NotFoundError("MERCHANT_NOT_FOUND", "There is no such merchant");
    }
    if (!apiKey.scopes.includes(action)) {
        throw new ForbiddenError("SCOPE_MISSING", `This takes a key with the scope ${action}`);
    }
    const { mode } = await MerchantContext.services.merchants.get(merchantId);
    if (apiKey.mode !== mode) {
        throw new ForbiddenError("MODE_MISMATCH", `This merchant is ${mode}; the key is not`);
    }
    return role;
}
