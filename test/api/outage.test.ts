import { randomUUID } from "node:crypto";
import { describe, expect, test, vi } from "vitest";

/** Nobody listens on these: the database and the chain are out of reach for as long as this file runs. */
vi.hoisted(() => {
    process.env["DATABASE_URL"] = "postgres://commend:adas-database-password@127.0.0.1:1/commend";
    process.env["RPC_URL"] = "http://127.0.0.1:1/v2/adas-api-key";
});

import { signed } from "@/api/demo/shopifyOrder";
import { newId } from "@/utils/ids";
import { type Answer, ask } from "../fixtures/api";

function isUnavailable({ status, headers, body, text }: Answer, code: string): void {
    expect([status, body.error.code]).toEqual([503, code]);
    expect(body.error.requestId).toBe(headers.get("x-request-id"));
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
    expect(text).not.toMatch(/127\.0\.0\.1|ECONNREFUSED|query|adas-/i);
}

describe("while the database is out of reach", () => {
    test("a shop is asked to tell again: nothing is acknowledged that was not kept", async () => {
        const { body, headers } = signed("{}", "a secret of at least 24 characters");
        const path = `/external/v1/merchants/${newId()}/webhooks/shopify`;
        isUnavailable(await ask("POST", path, { body, headers }), "DATABASE_UNAVAILABLE");
    });

    test("everybody else is asked to try again", async () => {
        const merchantId = newId();
        const headers = { "x-client-id": randomUUID() };
        for (const answer of [
            await ask("POST", "/wallet/v1/auth/challenge", { json: { purpose: "login" } }),
            await ask("POST", "/business/v1/auth/nonce"),
            await ask("POST", "/wallet/v1/track/arrival", { headers, json: { merchantId } }),
            await ask("GET", `/wallet/v1/referral/link?merchantId=${merchantId}`, { headers }),
            await ask("GET", "/wallet/v1/rewards", {
                headers: { ...headers, origin: "https://tea.example" },
            }),
        ]) {
            isUnavailable(answer, "DATABASE_UNAVAILABLE");
        }
    });

    test("many at once are told so, each by its own", async () => {
        const json = { purpose: "login" };
        const answers = await Promise.all(
            Array.from({ length: 50 }, () => ask("POST", "/wallet/v1/auth/challenge", { json }))
        );
        for (const answer of answers) isUnavailable(answer, "DATABASE_UNAVAILABLE");
    });

    test("what needs no database is answered", async () => {
        expect((await ask("GET", "/common/v1/assets")).status).toBe(200);
        expect((await ask("GET", "/nowhere")).status).toBe(404);
        expect((await ask("POST", "/wallet/v1/auth/challenge", { json: {} })).status).toBe(400);
    });
});

test("while the chain is out of reach a balance cannot be told", async () => {
    isUnavailable(await ask("GET", `/wallet/v1/balance/0x${"a1".repeat(20)}`), "CHAIN_UNAVAILABLE");
});

describe("an operator", () => {
    test("is told by /health that the process is alive", async () => {
        expect((await ask("GET", "/health")).status).toBe(200);
    });

    test("is told by /ready what is missing, but no password and no key: anybody can read it", async () => {
        const { status, body, text } = await ask("GET", "/ready");
        expect(status).toBe(503);
        const missing = { ok: false, message: expect.stringMatching(/./) };
        expect(body).toEqual({
            ready: false,
            checks: { postgres: missing, migrations: missing, chain: missing },
        });
        expect(text).not.toMatch(/adas-/);
    });
});
