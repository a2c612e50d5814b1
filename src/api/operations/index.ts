import { Elysia, t } from "elysia";
import { config } from "@/infrastructure/config";
import { equalBytes } from "@/infrastructure/crypto/equalBytes";
import { backlogAge, backlogSize, registry } from "@/infrastructure/observability/metrics";
import { checkReadiness } from "@/infrastructure/observability/readiness";
import { ReadContext } from "@/orchestration/read";
import { UnauthenticatedError } from "@/utils/errors";

const tags = ["operations"];
const Check = t.Object({ ok: t.Boolean(), message: t.Optional(t.String()) });

export const operations = new Elysia()
    .get("/health", () => ({ status: "alive" }), {
        response: { 200: t.Object({ status: t.String() }) },
        detail: { tags, summary: "The process is alive" },
    })
    .get(
        "/ready",
        async ({ status }) => {
            const checks = await checkReadiness();
            const isReady = Object.values(checks).every(({ ok }) => ok);
            return status(isReady ? 200 : 503, { ready: isReady, checks });
        },
        {
            response: {
                200: t.Object({ ready: t.Boolean(), checks: t.Record(t.String(), Check) }),
                503: t.Object({ ready: t.Boolean(), checks: t.Record(t.String(), Check) }),
            },
            detail: { tags, summary: "Everything that is needed is reachable; lists each" },
        }
    )
    .get(
        "/metrics",
        async ({ request, set }) => {
            assertToken(request.headers.get("authorization"));
            await readBacklog();
            set.headers["content-type"] = registry.contentType;
            return registry.metrics();
        },
        { detail: { tags, summary: "Prometheus metrics" } }
    );

async function readBacklog(): Promise<void> {
    backlogSize.reset();
    backlogAge.reset();
    for (const { kind, count, oldestSeconds } of await ReadContext.backlog.list()) {
        backlogSize.set({ kind }, count);
        backlogAge.set({ kind }, oldestSeconds);
    }
}

function assertToken(authorization: string | null): void {
    const { METRICS_TOKEN } = config;
    if (!METRICS_TOKEN) return;
    const given = Buffer.from(authorization ?? "");
    if (equalBytes(given, Buffer.from(`Bearer ${METRICS_TOKEN}`))) return;
    throw new UnauthenticatedError("AUTH_REQUIRED", "This takes the metrics token");
}
