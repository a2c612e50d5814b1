import { randomUUID } from "node:crypto";
import { describe, expect, test, vi } from "vitest";

vi.hoisted(() => {
    process.env["RATE_LIMITS"] = "auth=3,sdk=4,webhooks=5,publicLists=2,dashboard=6,wallet=7";
});

import { newId } from "@/utils/ids";
import { type Answer, ask, askWith, signedIn } from "../../fixtures/api";
import { newClient, teaStory } from "../../fixtures/tea";

/** Asks until it is told to stop, and says how often that was not. */
async function untilRefused(
    again: () => Promise<Answer>
): Promise<{ count: number; refusal: Answer }> {
    for (let count = 0; count < 50; count++) {
        const answer = await again();
        if (answer.status === 429) return { count, refusal: answer };
    }
    throw new Error("There is no limit");
}
const limitOf = async (again: () => Promise<Answer>) => (await untilRefused(again)).count;

const challenge = () => ask("POST", "/wallet/v1/auth/challenge", { json: { purpose: "login" } });

describe("who asks too often", () => {
    test("is told so, how often they may, and when again", async () => {
        const first = await challenge();
        expect(first.status).toBe(200);
        const figures = ({ headers }: Answer) =>
            ["ratelimit-limit", "ratelimit-remaining"].map((name) => headers.get(name));
        expect(figures(first)).toEqual(["3", "2"]);
        expect(first.headers.get("retry-after")).toBeNull();

        const { count, refusal } = await untilRefused(challenge);
        expect(count).toBe(2);
        expect(figures(refusal)).toEqual(["3", "0"]);
        expect(refusal.body.error).toMatchObject({ code: "RATE_LIMITED", status: 429 });
        const [retry, reset] = ["retry-after", "ratelimit-reset"].map((name) =>
            Number(refusal.headers.get(name))
        );
        expect(retry).toBe(reset);
        expect(retry).toBeGreaterThan(0);
        expect(retry).toBeLessThanOrEqual(60);
    });

    test("is not let in by asking without a version, nor by saying to come from elsewhere", async () => {
        await untilRefused(challenge);
        expect(
            (await ask("POST", "/wallet/auth/challenge", { json: { purpose: "login" } })).status
        ).toBe(429);
        const elsewhere = {
            "x-forwarded-for": "198.51.100.9",
            forwarded: "for=198.51.100.9",
            "x-real-ip": "198.51.100.9",
        };
        expect(
            (
                await ask("POST", "/wallet/v1/auth/challenge", {
                    headers: elsewhere,
                    json: { purpose: "login" },
                })
            ).status
        ).toBe(429);
    });

    test("is still let in to everything of another class", async () => {
        await untilRefused(challenge);
        expect((await ask("GET", "/common/v1/version")).status).toBe(200);
        expect((await ask("GET", "/health")).status).toBe(200);
    });
});

describe("what is counted together", () => {
    test("are all sign-ins of an address, of wallets and of the dashboard", async () => {
        await untilRefused(challenge);
        expect((await ask("POST", "/business/v1/auth/nonce")).status).toBe(429);
    });

    test("are guesses at install codes, and at codes that were sent by mail", async () => {
        const holder = askWith({ "x-wallet-auth": "nobody's" });
        const guesses = [
            { path: "/install-codes/redeem", json: { code: "AAAAAA" } },
            { path: "/email/verify", json: { email: "cleo@example.com", code: "000000" } },
            { path: "/email", json: { email: "cleo@example.com" } },
        ];
        await untilRefused(challenge);
        for (const { path, json } of guesses) {
            const guess = await holder("POST", `/wallet/v1/identity${path}`, { json });
            expect([path, guess.status]).toEqual([path, 429]);
        }
    });

    test("are the webhooks of one merchant, and of no other", async () => {
        const told = (merchantId: string) =>
            ask("POST", `/external/v1/merchants/${merchantId}/webhooks/shopify`, { body: "{}" });
        const [adas, zoes] = [newId(), newId()];
        expect(await limitOf(() => told(adas))).toBe(5);
        expect((await told(zoes)).status).toBe(404);
        expect((await told(adas.toUpperCase())).status).toBe(429);
    });

    test("are the requests of one browser on a shop's page, and of no other", async () => {
        const { merchantId } = await teaStory();
        const arrives = (clientId: string) =>
            askWith({ "x-client-id": clientId })("POST", "/wallet/v1/track/arrival", {
                json: { merchantId },
            });
        const [ben, cleo] = [newClient(merchantId).clientId, newClient(merchantId).clientId];
        expect(await limitOf(() => arrives(ben))).toBe(4);
        expect((await arrives(cleo)).status).toBe(200);
    });

    test("are browsers that make up what they are called: it must be a name that there can be", async () => {
        const { merchantId } = await teaStory();
        const again = (clientId: string) =>
            askWith({ "x-client-id": clientId })("POST", "/wallet/v1/track/arrival", {
                json: { merchantId },
            });
        expect(await limitOf(() => again(`not-a-uuid-${randomUUID()}`))).toBe(4);
    });

    test.each([
        ["the dashboard", 6],
        ["the wallet", 7],
    ])("are those of %s: %i a minute", async (name, limit) => {
        const { ada } = await teaStory();
        const asker = name === "the dashboard" ? await signedIn(ada) : ask;
        const path =
            name === "the dashboard" ? "/business/v1/merchants" : `/wallet/v1/rewards/${newId()}`;
        expect(await limitOf(() => asker("GET", path))).toBe(limit);
    });
});

test("a request that is refused for its form is counted as well", async () => {
    const guess = () => ask("GET", "/common/v1/assets?tea=1");
    expect(await limitOf(guess)).toBeLessThanOrEqual(2);
});
