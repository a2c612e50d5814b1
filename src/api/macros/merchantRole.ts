import { Elysia } from "elysia";
import type { Session } from "@/domain/auth";
import { MerchantContext, type Role } from "@/domain/merchant";
import type { MerchantId } from "@/utils/ids";
import { businessSessionOf, sessionCookie } from "./businessSession";

/**
 * `merchantRole: "owner"` on a route with `:merchantId`: it is for signed-in staff of that merchant with this
 * role or a higher one, and never for an API key; what a key may do as well names a `merchantAction`. Its handler is given the `session` and the `role`.
 */
export const merchantRole = new Elysia({ name: "macro.merchantRole" }).macro({
    merchantRole: (least: Role) => ({
        detail: { security: [{ businessSession: [] }] },
        async resolve({ params, cookie }) {
            const session = await businessSessionOf(cookie[sessionCookie]?.value);
            const { merchantId } = params as { merchantId: MerchantId };
            return { session, role: await roleOf(session, merchantId, least) };
        },
    }),
});

/** For what names its merchant elsewhere than in the path. Throws `MERCHANT_NOT_FOUND` or `ROLE_TOO_LOW`. */
export function roleOf(
    { subject }: Pick<Session, "subject">,
    merchantId: MerchantId,
    least: Role
): Promise<Role> {
    return MerchantContext.services.merchants.assertRole(merchantId, subject, least);
}
