import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { seal } from "@/api/seal";
import { AuthContext } from "@/domain/auth";
import { seconds } from "@/utils/time";
import { eventually, Server } from "../fixtures/Server";
import { WalletHolder } from "../fixtures/story/WalletHolder";
import { teaStory } from "../fixtures/tea";

/** Two processes behind one address, on one database. */
let here: Server;
let elsewhere: Server;
beforeAll(async () => {
    const url = "http://localhost:3030";
    const address = { PUBLIC_URL: url, WEBAUTHN_ORIGINS: url, ROLE: "api" };
    [here, elsewhere] = await Promise.all([Server.start(address), Server.start(address)]);
}, 60_000);
afterAll(() => Promise.all([here.stop(), elsewhere.stop()]));

let ben: WalletHolder;
beforeEach(async () => {
    ben = await WalletHolder.signUp();
});

type Asked = { server: Server; method?: string; path: string; json?: unknown };
// biome-ignore lint/suspicious/noExplicitAny: what an answer holds is what a test is about
type Told = { status: number; body: any };

async function at({ server, method = "POST", path, json }: Asked): Promise<Told> {
    const response = await fetch(`${server.url}/wallet/v1/auth${path}`, {
        method,
        headers: { ...ben.headers, ...(json ? { "content-type": "application/json" } : {}) },
        ...(json ? { body: JSON.stringify(json) } : {}),
    });
    const text = await response.text();
    return { status: response.status, body: text ? JSON.parse(text) : undefined };
}
const statusAt = async (server: Server) =>
    (await at({ server, method: "GET", path: "/session" })).status;
const knownAtBoth = async () =>
    expect([await statusAt(here), await statusAt(elsewhere)]).toEqual([200, 200]);
const refusedAtBoth = () =>
    eventually(
        async () => (await statusAt(here)) === 401 && (await statusAt(elsewhere)) === 401,
        seconds(5)
    );

describe("on two processes", () => {
    test("who signs out on one is refused on the other", async () => {
        await knownAtBoth();
        expect((await at({ server: here, path: "/logout" })).status).toBe(204);
        expect(await statusAt(here)).toBe(401);
        await refusedAtBoth();
    });

    test("a refresh token that was spent on one and comes back on the other ends the family on both", async () => {
        const json = { refreshToken: ben.session.refreshToken };
        expect((await at({ server: here, path: "/refresh", json })).status).toBe(200);
        await knownAtBoth();
        const { status, body } = await at({ server: elsewhere, path: "/refresh", json });
        expect([status, body.error.code]).toEqual([401, "REFRESH_INVALID"]);
        await refusedAtBoth();
    });

    test("a session that is ended from the list on one is over on the other", async () => {
        await knownAtBoth();
        const { body } = await at({ server: here, method: "GET", path: "/sessions" });
        const path = `/sessions/${body.items[0].id}`;
        expect((await at({ server: elsewhere, method: "DELETE", path })).status).toBe(204);
        await refusedAtBoth();
    });

    test("an API key that is revoked on one is refused on the other", async () => {
        const { merchantId, ada } = await teaStory();
        const { id: sid } = await AuthContext.services.sessions.openBusiness(ada, null);
        const dashboard = { cookie: `businessSession=${await seal({ wallet: ada, sid })}` };
        const keys = `${here.url}/business/v1/merchants/${merchantId}/api-keys`;
        const made = await fetch(keys, {
            method: "POST",
            headers: { ...dashboard, "content-type": "application/json" },
            body: JSON.stringify({ name: "Till", scopes: ["campaigns:read"], mode: "live" }),
        });
        const { id, key } = (await made.json()) as { id: string; key: string };
        const statusWithKey = async ({ url }: Server) => {
            const headers = { authorization: `Bearer ${key}` };
            const path = `/business/v1/merchants/${merchantId}/campaigns`;
            return (await fetch(`${url}${path}`, { headers })).status;
        };
        const [first, second] = [await statusWithKey(here), await statusWithKey(elsewhere)];
        expect([first, second]).toEqual([200, 200]);

        const revoked = await fetch(`${keys}/${id}`, { method: "DELETE", headers: dashboard });
        expect(revoked.status).toBe(204);
        await eventually(async () => (await statusWithKey(elsewhere)) === 401, seconds(5));
        expect(await statusWithKey(here)).toBe(401);
    });

    test("a challenge that is answered on both at once is good on one", async () => {
        const asked = await at({ server: here, path: "/challenge", json: { purpose: "login" } });
        const { challengeId, challenge } = asked.body;
        const json = { challengeId, credential: ben.phone.authenticate(challenge) };
        const answers = await Promise.all(
            [here, elsewhere].map((server) => at({ server, path: "/login", json }))
        );
        expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 400]);
    });
});
