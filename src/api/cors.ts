import { cors as plugin } from "@elysiajs/cors";
import { MerchantContext } from "@/domain/merchant";
import { config } from "@/infrastructure/config";
import { currentRequest } from "@/infrastructure/observability/currentRequest";

const dashboardOrigins = new Set(config.DASHBOARD_ORIGINS);
const walletOrigins = new Set(config.WALLET_ORIGINS);

/** What a page of ours or of a shop may send; a wallet app's tokens and a shop page's client id go in headers. */
const allowedHeaders = [
    "content-type",
    "authorization",
    "idempotency-key",
    "x-wallet-auth",
    "x-wallet-sdk-auth",
    "x-client-id",
    "x-request-id",
];

const exposeHeaders = [
    "x-request-id",
    "x-client-id",
    "retry-after",
    "idempotent-replayed",
    "ratelimit-limit",
    "ratelimit-remaining",
    "ratelimit-reset",
];

/**
 * Who may read our answers in a browser: the dashboard's origins under /business, the wallet's and the proven
 * domains of merchants under /wallet, anybody under /common. Cookies go to the dashboard alone.
 */
export const cors = plugin({
    origin: (request) => isAllowed(request),
    methods: ["GET", "POST", "PUT", "PATCH", "DELETE"],
    allowedHeaders,
    exposeHeaders,
    credentials: false,
    maxAge: 600,
});

function isAllowed(request: Request): boolean {
    const { pathname } = new URL(request.url);
    const origin = request.headers.get("origin") ?? "";
    if (pathname.startsWith("/business/")) return dashboardOrigins.has(origin);
    if (pathname.startsWith("/common/")) return true;
    if (!pathname.startsWith("/wallet/")) return false;
    return walletOrigins.has(origin) || currentRequest.getStore()?.isFromMerchant === true;
}

/** Asked before the plugin is, because it cannot wait for the database. */
export async function isMerchantOrigin(origin: string | null, pathname: string): Promise<boolean> {
    if (!origin || !pathname.startsWith("/wallet/") || walletOrigins.has(origin)) return false;
    const url = URL.parse(origin);
    return url ? MerchantContext.services.merchants.isProvenDomain(url.hostname) : false;
}
