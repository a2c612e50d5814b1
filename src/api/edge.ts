import { randomUUID } from "node:crypto";
import { config } from "@/infrastructure/config";
import { currentRequest, type RequestContext } from "@/infrastructure/observability/currentRequest";
import { log } from "@/infrastructure/observability/log";
import { httpRequests } from "@/infrastructure/observability/metrics";
import { invalidRequest } from "@/utils/schema";
import { isMerchantOrigin } from "./cors";
import { answerTo } from "./errors";
import { limitOf, tooLarge } from "./limits";
import { keepAnswer } from "./macros/idempotency";
import { withVersion } from "./withVersion";

export type Handle = (request: Request) => Response | Promise<Response>;

const securityHeaders: [string, string][] = [
    ["x-content-type-options", "nosniff"],
    ["referrer-policy", "no-referrer"],
    ...(config.isDevelopment
        ? []
        : [["strict-transport-security", "max-age=31536000"] as [string, string]]),
];

/** Around every request: it gets an id, its size is bounded, and how it ended is noted. */
export function edge(handle: Handle): Handle {
    return (request) => {
        const context: RequestContext = { requestId: requestIdOf(request) };
        return currentRequest.run(context, () => answer(handle, request, context));
    };
}

async function answer(
    handle: Handle,
    request: Request,
    context: RequestContext
): Promise<Response> {
    const startedAt = performance.now();
    const pathname = URL.parse(request.url)?.pathname ?? "";
    const response = await respond(handle, request, context).catch(answerTo);
    response.headers.set("x-request-id", context.requestId);
    for (const [name, value] of securityHeaders) response.headers.set(name, value);
    if (pathname.startsWith("/business/") && response.headers.has("access-control-allow-origin")) {
        response.headers.set("access-control-allow-credentials", "true");
    }
    note(request.method, context.route ?? "unmatched", { status: response.status, startedAt });
    return response;
}

async function respond(
    handle: Handle,
    request: Request,
    context: RequestContext
): Promise<Response> {
    if (!URL.canParse(request.url)) throw unreadable("The request does not say to which host");
    const { pathname, search } = new URL(request.url);
    if (search.includes("%00")) throw unreadable("NUL characters are refused");
    const declared = Number(request.headers.get("content-length") ?? 0);
    if (declared > limitOf(pathname)) throw tooLarge(pathname);
    context.isFromMerchant = await isMerchantOrigin(request.headers.get("origin"), pathname);
    const response = await handle(withVersion(request));
    return context.idempotency ? keepAnswer(context.idempotency, response) : response;
}

/** The caller's own id where it is a plain one. */
function requestIdOf(request: Request): string {
    const given = request.headers.get("x-request-id");
    return given && /^[\w.-]{8,64}$/.test(given) ? given : randomUUID();
}

const unreadable = (message: string) => invalidRequest([{ path: "", message }]);

type Ended = { status: number; startedAt: number };

function note(method: string, route: string, { status, startedAt }: Ended): void {
    const ms = performance.now() - startedAt;
    httpRequests.labels(method, route, String(status)).observe(ms / 1_000);
    log.info({ method, route, status, ms: Math.round(ms * 10) / 10 }, "answered");
}
