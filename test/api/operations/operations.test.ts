import { describe, expect, test, vi } from "vitest";

vi.hoisted(() => {
    process.env["METRICS_TOKEN"] = "a token for prometheus";
});

import { ask } from "../../fixtures/api";

test("/health says that the process is alive, whatever else is not", async () => {
    const { status, body } = await ask("GET", "/health");
    expect([status, body]).toEqual([200, { status: "alive" }]);
});

test("/ready lists everything that is needed, and that it is there", async () => {
    const { status, body } = await ask("GET", "/ready");
    const ok = { ok: true };
    expect([status, body]).toEqual([
        200,
        { ready: true, checks: { postgres: ok, migrations: ok, chain: ok } },
    ]);
});

describe("/metrics", () => {
    const metrics = (authorization?: string) =>
        ask("GET", "/metrics", { headers: authorization === undefined ? {} : { authorization } });

    test("tells who has the token, in Prometheus' words", async () => {
        await ask("GET", "/health");
        const { status, text, headers } = await metrics("Bearer a token for prometheus");
        expect(status).toBe(200);
        expect(headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
        expect(text).toMatch(
            /^commend_http_request_seconds_count\{method="GET",route="\/health",status="200"\} [1-9]/m
        );
        expect(text).toMatch(/^process_cpu_user_seconds_total /m);
    });

    test.each([
        undefined,
        "",
        "Bearer",
        "Bearer ",
        "Bearer a token",
        "Basic a token for prometheus",
        "Bearer a token for prometheus2",
    ])("tells nothing to %j", async (authorization) => {
        const { status, body } = await metrics(authorization);
        expect([status, body.error.code]).toEqual([401, "AUTH_REQUIRED"]);
    });
});
