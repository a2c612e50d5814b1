import { beforeAll, describe, expect, test, vi } from "vitest";

const { dashboard, wallet, evil } = vi.hoisted(() => {
    const origins = {
        dashboard: "https://dashboard.example",
        wallet: "https://wallet.example",
        evil: "https://evil.example",
    };
    process.env["DASHBOARD_ORIGINS"] = origins.dashboard;
    process.env["WALLET_ORIGINS"] = origins.wallet;
    return origins;
});

import { merchantDomains } from "@/domain/merchant/db/schema";
import { database } from "@/infrastructure/persistence/postgres";
import { ask, signedIn } from "../fixtures/api";
import { teaStory } from "../fixtures/tea";

const shop = "https://tea.example";
beforeAll(async () => {
    const { merchantId } = await teaStory();
    const claim = { domain: "tea.example", merchantId, isMain: false, verifiedAt: new Date() };
    await database.current.insert(merchantDomains).values(claim);
});

/** Whether a page of that origin may read the answer, and whether it may send its cookies. */
async function mayRead(method: string, path: string, origin: string) {
    const { headers } = await ask(method, path, { headers: { origin } });
    const allowed = headers.get("access-control-allow-origin");
    expect(headers.get("vary")?.toLowerCase()).toContain("origin");
    return {
        reads: allowed === origin || allowed === "*",
        withCookies: headers.get("access-control-allow-credentials") === "true",
    };
}
const [yes, withCookies, no] = [
    { reads: true, withCookies: false },
    { reads: true, withCookies: true },
    { reads: false, withCookies: false },
];

describe("who may read an answer", () => {
    test.for<[string, string, string, typeof yes]>([
        ["the dashboard", "/business/v1/merchants", dashboard, withCookies],
        ["the wallet", "/business/v1/merchants", wallet, no],
        ["a shop", "/business/v1/merchants", shop, no],
        ["a stranger", "/business/v1/merchants", evil, no],
        ["the wallet", "/wallet/v1/rewards", wallet, yes],
        ["a shop", "/wallet/v1/rewards", shop, yes],
        ["a shop with www", "/wallet/v1/rewards", "https://www.tea.example", yes],
        ["the dashboard", "/wallet/v1/rewards", dashboard, no],
        ["a stranger", "/wallet/v1/rewards", evil, no],
        ["a subdomain that nobody proved", "/wallet/v1/rewards", "https://evil.tea.example", no],
        ["a domain that ends like a shop's", "/wallet/v1/rewards", "https://notatea.example", no],
        [
            "a domain that begins like a shop's",
            "/wallet/v1/rewards",
            "https://tea.example.evil.example",
            no,
        ],
        ["a page without an origin", "/wallet/v1/rewards", "null", no],
        ["what is no origin", "/wallet/v1/rewards", "tea.example", no],
        ["the dashboard", "/external/v1/tea", dashboard, no],
        ["a shop", "/external/v1/tea", shop, no],
        ["a stranger", "/metrics", evil, no],
        ["the dashboard", "/health", dashboard, no],
        ["a stranger", "/common/v1/assets", evil, yes],
    ])("%s of %s", async ([_, path, origin, expected]) => {
        expect(await mayRead("GET", path, origin)).toEqual(expected);
        expect(await mayRead("OPTIONS", path, origin)).toEqual(expected);
    });

    test("is the same without a version", async () => {
        expect(await mayRead("GET", "/business/merchants", dashboard)).toEqual(withCookies);
        expect(await mayRead("GET", "/business/merchants", evil)).toEqual(no);
        expect(await mayRead("GET", "/wallet/rewards", shop)).toEqual(yes);
    });

    test("is the same for an error, which a page wants to read too", async () => {
        expect(await mayRead("GET", "/business/v1/nowhere", dashboard)).toEqual(withCookies);
        expect(await mayRead("POST", "/wallet/v1/auth/challenge", wallet)).toEqual(yes);
        expect(await mayRead("POST", "/wallet/v1/auth/challenge", evil)).toEqual(no);
    });

    test("never a stranger with cookies, whatever they ask for", async () => {
        const { headers } = await ask("GET", "/business/v1/merchants", {
            headers: { origin: evil },
        });
        expect(headers.get("access-control-allow-origin")).not.toBe(evil);
        expect(headers.get("access-control-allow-credentials")).toBeNull();
    });

    test("a star never comes with cookies", async () => {
        const { headers } = await ask("GET", "/business/v1/merchants");
        expect(
            headers.get("access-control-allow-origin") === "*" &&
                headers.get("access-control-allow-credentials") === "true"
        ).toBe(false);
    });
});

describe("a preflight", () => {
    const preflight = (path: string, origin: string, headers: string) =>
        ask("OPTIONS", path, {
            headers: {
                origin,
                "access-control-request-method": "POST",
                "access-control-request-headers": headers,
            },
        });

    test("tells the dashboard what it may send, without asking who it is", async () => {
        const { status, headers } = await preflight(
            "/business/v1/merchants",
            dashboard,
            "content-type,idempotency-key"
        );
        expect(status).toBe(204);
        for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE"]) {
            expect(headers.get("access-control-allow-methods")).toContain(method);
        }
        expect(headers.get("access-control-allow-headers")).toContain("idempotency-key");
        expect(headers.get("access-control-allow-credentials")).toBe("true");
        expect(Number(headers.get("access-control-max-age"))).toBeGreaterThan(0);
    });

    test.each([wallet, shop])("lets %s send its tokens and its client id", async (origin) => {
        const { headers } = await preflight("/wallet/v1/track/arrival", origin, "x-client-id");
        const allowed = headers.get("access-control-allow-headers");
        for (const name of [
            "x-wallet-auth",
            "x-wallet-sdk-auth",
            "x-client-id",
            "x-request-id",
            "authorization",
        ]) {
            expect(allowed).toContain(name);
        }
    });

    test("of a stranger allows nothing", async () => {
        const { headers } = await preflight("/wallet/v1/track/arrival", evil, "x-client-id");
        expect(headers.get("access-control-allow-origin")).toBeNull();
    });
});

test("a page may read what it needs of the headers", async () => {
    const ada = await signedIn((await teaStory()).ada);
    const { headers } = await ada("GET", "/business/v1/merchants", {
        headers: { origin: dashboard },
    });
    const exposed = headers.get("access-control-expose-headers")?.toLowerCase().split(/, */) ?? [];
    expect(exposed).toEqual(
        expect.arrayContaining([
            "x-request-id",
            "retry-after",
            "idempotent-replayed",
            "ratelimit-limit",
            "ratelimit-remaining",
            "ratelimit-reset",
        ])
    );
});
