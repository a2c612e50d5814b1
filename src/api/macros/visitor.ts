import { Elysia } from "elysia";
import { AuthContext, type Session } from "@/domain/auth";
import { IdentityContext, type NodeKey } from "@/domain/identity";
import { OrchestrationContext } from "@/orchestration";
import { ForbiddenError, InvalidError } from "@/utils/errors";
import { isUuid, type MerchantId } from "@/utils/ids";
import { authRequired, walletTokenOf } from "./walletSession";

/** Who somebody is on a shop's page: a wallet, where a token says so, or a browser that the shop has seen. */
export type Visitor = NodeKey;

const { identities } = IdentityContext.services;
const { sessions } = AuthContext.services;
const { clientReissue } = OrchestrationContext;

const security = [{ walletToken: [] }, { sdkToken: [] }, { clientId: [] }];

/**
 * `visitor: true` on a route: it is for a browser on a shop's page (`x-client-id`), an SDK or a wallet, and
 * its handler is given the `visitor`. The shop is the `merchantId` of the body or the query.
 */
export const visitor = new Elysia({ name: "macro.visitor" }).macro("visitor", {
    detail: { security },
    async resolve({ request, body, query }) {
        return { visitor: (await visitorOf(request, { body, query })).visitor };
    },
});

/**
 * As `visitor: true`. A browser that names itself beside a token, and is known as another wallet's, is given another
 * client id in the answer (`x-client-id`), instead of an error.
 */
export const trackedVisitor = new Elysia({ name: "macro.trackedVisitor" }).macro("trackedVisitor", {
    detail: { security },
    async resolve({ request, body, query, set }) {
        const { visitor, client } = await visitorOf(request, { body, query });
        const clientId = client && (await clientReissue.instead(visitor, client));
        if (clientId) set.headers["x-client-id"] = clientId;
        return { visitor };
    },
});

type Asked = { body: unknown; query: unknown };

/** Who asks, and the browser that they name beside a token. */
async function visitorOf(
    request: Request,
    { body, query }: Asked
): Promise<{ visitor: Visitor; client?: Visitor | undefined }> {
    const { merchantId } = { ...(query as object), ...(body as object | undefined) } as {
        merchantId?: MerchantId;
    };
    const session = await sessionOf(request);
    const client = clientOf(request, merchantId);
    if (session) return { visitor: walletOn(merchantId, session), client };
    if (!client) throw authRequired("This takes x-client-id, an SDK token or a wallet token");
    return { visitor: client };
}

async function sessionOf(request: Request): Promise<Session | undefined> {
    const sdkToken = request.headers.get("x-wallet-sdk-auth");
    if (sdkToken) return sessions.authenticate("sdk", sdkToken);
    const walletToken = walletTokenOf(request);
    return walletToken ? sessions.authenticate("wallet", walletToken) : undefined;
}

/** A token that was minted on a shop's page speaks for its holder on that shop alone, which must be named. */
export function walletOn(merchantId: MerchantId | undefined, session: Session): Visitor {
    if (session.kind === "sdk" && !session.scopes.includes("interaction")) {
        throw new ForbiddenError("SCOPE_MISSING", "This token is not for interactions");
    }
    if (session.merchantId && session.merchantId !== merchantId) {
        throw new ForbiddenError("MERCHANT_MISMATCH", "This token is good on its own shop alone");
    }
    return identities.keyOf({ kind: "wallet", wallet: session.subject });
}

/** The browser that a request names, on the shop it is about; nothing when it names none. */
export function clientOf(
    request: Request,
    merchantId: MerchantId | undefined
): Visitor | undefined {
    const clientId = request.headers.get("x-client-id");
    if (!clientId || !merchantId) return undefined;
    if (isUuid(clientId)) return identities.keyOf({ kind: "client", clientId, merchantId });
    throw new InvalidError("INVALID_REQUEST", "x-client-id must be a UUID");
}
