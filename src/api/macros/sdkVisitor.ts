import { Elysia } from "elysia";
import { AuthContext } from "@/domain/auth";
import type { MerchantId } from "@/utils/ids";
import { type Visitor, walletOn } from "./visitor";
import { authRequired } from "./walletSession";

export type SdkVisitor = {
    visitor: Visitor;
    /** The one shop that the token is for, if it is for one. */
    boundTo: MerchantId | null;
};

/**
 * `sdkVisitor: true` on a route: it is for an SDK with a token, and its handler is given the `visitor` and the
 * shop that the token is `boundTo`. A `merchantId` in the body must be that shop.
 */
export const sdkVisitor = new Elysia({ name: "macro.sdkVisitor" }).macro("sdkVisitor", {
    detail: { security: [{ sdkToken: [] }] },
    async resolve({ request, body }): Promise<SdkVisitor> {
        const token = request.headers.get("x-wallet-sdk-auth");
        if (!token) throw authRequired("This takes an SDK token in x-wallet-sdk-auth");
        const session = await AuthContext.services.sessions.authenticate("sdk", token);
        const { merchantId } = { ...(body as object | undefined) } as { merchantId?: MerchantId };
        const { merchantId: boundTo } = session;
        return { visitor: walletOn(merchantId ?? boundTo ?? undefined, session), boundTo };
    },
});
