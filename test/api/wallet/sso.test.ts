import { createHash, randomBytes } from "node:crypto";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { MerchantContext } from "@/domain/merchant";
import { OrchestrationContext } from "@/orchestration";
import { newId } from "@/utils/ids";
import { minutes } from "@/utils/time";
import { type Answer, ask } from "../../fixtures/api";
import { WalletHolder } from "../../fixtures/story/WalletHolder";
import { type Tea, teaStory } from "../../fixtures/tea";

const refusedWith = ({ status, body }: Answer, expected: number, code: string) =>
    expect([status, body?.error?.code]).toEqual([expected, code]);
const newVerifier = () => randomBytes(32).toString("base64url");
const s256 = (text: string) => createHash("sha256").update(text).digest("base64url");

let tea: Tea;
let domain: string;
let ben: WalletHolder;
beforeEach(async () => {
    tea = await teaStory();
    domain = await MerchantContext.services.merchants.mainDomain(tea.merchantId);
    ben = await WalletHolder.signUp();
});

const prepare = (change: Record<string, string> = {}) => {
    const query = new URLSearchParams({
        merchantId: tea.merchantId,
        redirectUri: `https://${domain}/checkout?step=2`,
        codeChallenge: s256(newVerifier()),
        state: "basket 7",
        ...change,
    });
    return ask("GET", `/wallet/v1/sso/prepare?${query}`);
};
const login = (ssoId: string, codeVerifier: string) =>
    ask("POST", "/wallet/v1/sso/login", { json: { ssoId, codeVerifier } });

/** A page of the shop that waits, with the secret that only it knows. */
async function page() {
    const codeVerifier = newVerifier();
    const { status, body } = await prepare({ codeChallenge: s256(codeVerifier) });
    expect(status).toBe(200);
    return { ssoId: body.ssoId as string, codeVerifier, link: body.link as string };
}

describe("a shop's page", () => {
    test("gets a session of its visitor, once, when they agree", async () => {
        const { ssoId, codeVerifier, link } = await page();
        expect(link).toBe(`http://localhost:3030/sso/${ssoId}`);
        expect((await login(ssoId, codeVerifier)).body).toEqual({ status: "pending" });

        expect((await ben.ask("GET", `/sso/${ssoId}`)).body).toEqual({
            ssoId,
            merchant: { id: tea.merchantId, name: "Ada's Tea", domain },
            redirectUri: `https://${domain}/checkout?step=2`,
            status: "pending",
            expiresAt: expect.any(String),
        });
        const approved = await ben.ask("POST", `/sso/${ssoId}/approve`);
        const back = new URL(approved.body.redirectUri);
        expect(`${back.origin}${back.pathname}`).toBe(`https://${domain}/checkout`);
        expect(Object.fromEntries(back.searchParams)).toEqual({
            step: "2",
            ssoId,
            state: "basket 7",
        });

        const { body } = await login(ssoId, codeVerifier);
        expect(body).toMatchObject({ status: "ok", wallet: ben.session.wallet });
        const headers = { "x-wallet-sdk-auth": body.sdk.token };
        const link2 = `/wallet/v1/referral/link?merchantId=`;
        expect((await ask("GET", `${link2}${tea.merchantId}`, { headers })).status).toBe(200);
        const other = await teaStory();
        const elsewhere = await ask("GET", `${link2}${other.merchantId}`, { headers });
        refusedWith(elsewhere, 403, "MERCHANT_MISMATCH");
        refusedWith(await login(ssoId, codeVerifier), 400, "SSO_INVALID");
    });

    test("that asks ten times at once gets one session", async () => {
        const { ssoId, codeVerifier } = await page();
        await ben.ask("POST", `/sso/${ssoId}/approve`);
        const answers = await Promise.all(
            Array.from({ length: 10 }, () => login(ssoId, codeVerifier))
        );
        expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    });

    test("that did not ask gets nothing, and takes nothing from the one that did", async () => {
        const { ssoId, codeVerifier } = await page();
        refusedWith(await login(ssoId, newVerifier()), 400, "SSO_INVALID");
        await ben.ask("POST", `/sso/${ssoId}/approve`);
        for (const guess of [newVerifier(), s256(codeVerifier)]) {
            refusedWith(await login(ssoId, guess), 400, "SSO_INVALID");
        }
        expect((await login(ssoId, codeVerifier)).body.status).toBe("ok");
    });

    test("that is ten minutes late gets nothing", async () => {
        const { ssoId, codeVerifier } = await page();
        await ben.ask("POST", `/sso/${ssoId}/approve`);
        vi.useFakeTimers({ now: Date.now() + minutes(10) + 1_000, toFake: ["Date"] });
        const late = await login(ssoId, codeVerifier);
        const seen = await ben.ask("GET", `/sso/${ssoId}`);
        vi.useRealTimers();
        refusedWith(late, 400, "SSO_INVALID");
        refusedWith(seen, 404, "SSO_NOT_FOUND");
    });

    test("gets nothing of somebody who signed out, and loses what it has", async () => {
        const [early, late] = [await page(), await page()];
        for (const { ssoId } of [early, late]) await ben.ask("POST", `/sso/${ssoId}/approve`);
        const { body } = await login(early.ssoId, early.codeVerifier);
        await ben.ask("POST", "/auth/logout");
        refusedWith(await login(late.ssoId, late.codeVerifier), 400, "SSO_INVALID");
        const path = `/wallet/v1/referral/link?merchantId=${tea.merchantId}`;
        const headers = { "x-wallet-sdk-auth": body.sdk.token };
        refusedWith(await ask("GET", path, { headers }), 401, "SESSION_ENDED");
    });
});

describe("where a page sends its visitor back to", () => {
    test.each([
        ["the domain itself", (name: string) => `https://${name}/`],
        ["its www", (name: string) => `https://www.${name}/back`],
        ["a port of it", (name: string) => `https://${name}:8443/`],
        ["a name for development, without TLS", (name: string) => `http://${name}:3000/`],
    ])("may be %s", async (_, uriOf) => {
        expect((await prepare({ redirectUri: uriOf(domain) })).status).toBe(200);
    });

    test.each([
        ["somewhere else", () => "https://evil.example/"],
        ["a name that begins as ours", (name: string) => `https://${name}.evil.example/`],
        ["a name that ends as ours", (name: string) => `https://evil-${name}/`],
        ["a subdomain that nobody proved", (name: string) => `https://a.${name}/`],
        ["a user at somewhere else", (name: string) => `https://${name}@evil.example/`],
        ["a user at ours", (name: string) => `https://evil@${name}/`],
        ["a script", () => "javascript:alert(1)//"],
        ["a file", (name: string) => `ftp://${name}/`],
        ["with a fragment", (name: string) => `https://${name}/#token`],
        ["no address", () => "tea"],
        ["a backslash to somewhere else", (name: string) => `https://evil.example\\@${name}/`],
    ])("is refused when it is %s", async (_, uriOf) => {
        refusedWith(await prepare({ redirectUri: uriOf(domain) }), 400, "REDIRECT_NOT_ALLOWED");
    });

    test("is not another merchant's domain", async () => {
        const other = await teaStory();
        const answer = await prepare({ merchantId: other.merchantId });
        refusedWith(answer, 400, "REDIRECT_NOT_ALLOWED");
        refusedWith(await prepare({ merchantId: newId() }), 404, "MERCHANT_NOT_FOUND");
    });

    test("without TLS is refused outside development", async () => {
        const owns = vi.spyOn(MerchantContext.services.merchants, "isDomainOf");
        owns.mockResolvedValue(true);
        const asking = { merchantId: tea.merchantId, codeChallenge: s256("x"), state: null };
        const redirectUri = "http://tea.example/";
        await expect(
            OrchestrationContext.sso.prepare({ ...asking, redirectUri })
        ).rejects.toMatchObject({ code: "REDIRECT_NOT_ALLOWED" });
        owns.mockRestore();
    });

    test("takes a challenge of PKCE's S256", async () => {
        for (const codeChallenge of ["", "plain", "x".repeat(44)]) {
            refusedWith(await prepare({ codeChallenge }), 400, "INVALID_REQUEST");
        }
    });
});

describe("somebody who is asked to agree", () => {
    test("must be signed in to the wallet", async () => {
        const { ssoId } = await page();
        refusedWith(await ask("GET", `/wallet/v1/sso/${ssoId}`), 401, "AUTH_REQUIRED");
        const approve = await ask("POST", `/wallet/v1/sso/${ssoId}/approve`);
        refusedWith(approve, 401, "AUTH_REQUIRED");
    });

    test("may do so twice; another wallet comes too late", async () => {
        const { ssoId, codeVerifier } = await page();
        const first = await ben.ask("POST", `/sso/${ssoId}/approve`);
        expect((await ben.ask("POST", `/sso/${ssoId}/approve`)).body).toEqual(first.body);
        expect((await ben.ask("GET", `/sso/${ssoId}`)).body.status).toBe("approved");
        const cleo = await WalletHolder.signUp();
        refusedWith(await cleo.ask("GET", `/sso/${ssoId}`), 404, "SSO_NOT_FOUND");
        refusedWith(await cleo.ask("POST", `/sso/${ssoId}/approve`), 404, "SSO_NOT_FOUND");
        expect((await login(ssoId, codeVerifier)).body.wallet).toBe(ben.session.wallet);
        refusedWith(await ben.ask("POST", `/sso/${ssoId}/approve`), 404, "SSO_NOT_FOUND");
    });

    test("is told when nobody asked", async () => {
        refusedWith(await ben.ask("GET", `/sso/${newId()}`), 404, "SSO_NOT_FOUND");
        refusedWith(await ben.ask("GET", "/sso/tea"), 400, "INVALID_REQUEST");
    });
});
