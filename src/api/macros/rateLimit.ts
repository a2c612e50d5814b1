import { Elysia } from "elysia";
import { RateLimiterMemory, type RateLimiterRes } from "rate-limiter-flexible";
import { config } from "@/infrastructure/config";
import { log } from "@/infrastructure/observability/log";
import { RateLimitedError } from "@/utils/errors";
import { isUuid } from "@/utils/ids";
import { clientAddress } from "./clientAddress";

/** Requests a minute, by class of consumer; `RATE_LIMITS` overrides them. */
const perMinute = {
    wallet: 1_000,
    dashboard: 500,
    sdk: 100,
    webhooks: 3_000,
    auth: 10,
    publicLists: 60,
};
export type RateClass = keyof typeof perMinute;

const limiters = new Map(
    Object.entries(perMinute).map(([name, standard]) => {
        const points = config.RATE_LIMITS[name] ?? standard;
        return [name, new RateLimiterMemory({ points, duration: 60 })];
    })
);

/**
 * `rateLimit: "auth"` on a route: at most so many requests a minute from one consumer. Checked before the
 * request is even parsed, so that a hostile one costs little.
 */
export const rateLimit = new Elysia({ name: "macro.rateLimit" }).macro({
    rateLimit: (name: RateClass) => ({
        async transform(context) {
            const limiter = limiters.get(name);
            if (!limiter) return;
            const key = keyOf(name, context);
            const result = await limiter.consume(key).catch((refused: RateLimiterRes) => refused);
            const isOver = result.remainingPoints === 0 && result.consumedPoints > limiter.points;
            const seconds = Math.ceil(result.msBeforeNext / 1_000);
            context.set.headers["ratelimit-limit"] = String(limiter.points);
            context.set.headers["ratelimit-remaining"] = String(result.remainingPoints);
            context.set.headers["ratelimit-reset"] = String(seconds);
            if (!isOver) return;
            // Once a window: a flood of requests must not become a flood of lines.
            if (result.consumedPoints === limiter.points + 1)
                log.warn({ event: "rateLimited", class: name }, "too many requests");
            throw new RateLimitedError("RATE_LIMITED", "Too many requests; try again later", {
                retryAfterSeconds: seconds,
            });
        },
    }),
});

type Asking = Parameters<typeof clientAddress>[0] & { params?: unknown };

/** Who is counted: the merchant whose webhook it is, the browser that names itself, or an address. */
function keyOf(name: RateClass, context: Asking): string {
    const named = nameIn(name, context);
    return named && isUuid(named) ? named.toLowerCase() : clientAddress(context);
}

function nameIn(name: RateClass, { params, request }: Asking): string | null | undefined {
    if (name === "webhooks") return (params as { merchantId?: string } | undefined)?.merchantId;
    return name === "sdk" ? request.headers.get("x-client-id") : undefined;
}
