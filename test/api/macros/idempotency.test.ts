import { createHash, randomUUID } from "node:crypto";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { CampaignContext } from "@/domain/campaign";
import { idempotencyKeys } from "@/infrastructure/idempotency/db/schema";
import { database } from "@/infrastructure/persistence/postgres";
import { hours, later, systemClock } from "@/utils/time";
import { type Asker, ask, askWith, signedIn, withWallet } from "../../fixtures/api";
import { SoftwareAuthenticator } from "../../fixtures/SoftwareAuthenticator";
import { bringAFriend } from "../../fixtures/story/Merchant";
import { newClient, type Tea, teaStory } from "../../fixtures/tea";

let tea: Tea;
let ada: Asker;
let shop: string;
beforeEach(async () => {
    tea = await teaStory();
    ada = await signedIn(tea.ada);
    shop = `/business/v1/merchants/${tea.merchantId}`;
});
afterEach(() => vi.restoreAllMocks());

const draft = { name: "Summer", definition: bringAFriend };
const once = (key: string) => ({ headers: { "idempotency-key": key } });
const drafts = async () =>
    (await ada("GET", `${shop}/campaigns`)).body.items.filter(
        ({ name }: { name: string }) => name === "Summer"
    ).length;
const someWallet = () => privateKeyToAccount(generatePrivateKey()).address;
const keptKeys = () => database.current.select().from(idempotencyKeys);

describe("the same request with the same key", () => {
    test("has one effect and one answer, and says when it is given again", async () => {
        const key = once(randomUUID());
        const first = await ada("POST", `${shop}/campaigns`, { ...key, json: draft });
        const second = await ada("POST", `${shop}/campaigns`, { ...key, json: draft });

        expect([first.status, second.status]).toEqual([201, 201]);
        expect(second.text).toBe(first.text);
        expect(first.headers.get("idempotent-replayed")).toBeNull();
        expect(second.headers.get("idempotent-replayed")).toBe("true");
        expect(second.headers.get("content-type")).toBe(first.headers.get("content-type"));
        expect(second.headers.get("x-request-id")).not.toBe(first.headers.get("x-request-id"));
        expect(await drafts()).toBe(1);
    });

    test("ten times at once has one effect; who comes while it runs is told so", async () => {
        const key = once(randomUUID());
        const answers = await Promise.all(
            Array.from({ length: 10 }, () =>
                ada("POST", `${shop}/campaigns`, { ...key, json: draft })
            )
        );
        expect(await drafts()).toBe(1);
        for (const { status, body } of answers) {
            if (status !== 201)
                expect([status, body.error.code]).toEqual([409, "IDEMPOTENCY_IN_PROGRESS"]);
        }
    });

    test("while the first runs is refused, and answered when it has ended", async () => {
        const key = once(randomUUID());
        const { campaigns } = CampaignContext.services;
        const { create } = campaigns;
        const [isRunning, mayEnd] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
        vi.spyOn(campaigns, "create").mockImplementationOnce(async (...given) => {
            isRunning.resolve();
            await mayEnd.promise;
            return create.apply(campaigns, given);
        });
        const first = ada("POST", `${shop}/campaigns`, { ...key, json: draft });
        await isRunning.promise;
        const early = await ada("POST", `${shop}/campaigns`, { ...key, json: draft });
        mayEnd.resolve();

        expect([early.status, early.body.error.code]).toEqual([409, "IDEMPOTENCY_IN_PROGRESS"]);
        expect((await first).status).toBe(201);
        const late = await ada("POST", `${shop}/campaigns`, { ...key, json: draft });
        expect(late.headers.get("idempotent-replayed")).toBe("true");
    });

    test("by its path without a version is the same", async () => {
        const key = once(randomUUID());
        await ada("POST", `${shop}/campaigns`, { ...key, json: draft });
        const again = await ada("POST", `${shop.replace("/v1/", "/")}/campaigns`, {
            ...key,
            json: draft,
        });
        expect(again.headers.get("idempotent-replayed")).toBe("true");
    });

    test("is given its refusal again as well: it would be refused for ever", async () => {
        const key = once(randomUUID());
        const publish = () => ada("POST", `/business/v1/campaigns/${tea.campaignId}/publish`, key);
        expect((await publish()).status).toBe(409);
        expect((await publish()).headers.get("idempotent-replayed")).toBe("true");
    });

    test("is given an empty answer again as well", async () => {
        const key = once(randomUUID());
        const remove = () => ada("DELETE", `${shop}/webhooks/shopify`, key);
        expect([(await remove()).status, (await remove()).status]).toEqual([204, 204]);
        expect((await ada("DELETE", `${shop}/webhooks/shopify`)).status).toBe(404);
    });

    test("is done again after a day", async () => {
        const key = once(randomUUID());
        await ada("POST", `${shop}/campaigns`, { ...key, json: draft });
        const tomorrow = later(systemClock.now(), hours(24) + 1_000);
        vi.spyOn(systemClock, "now").mockReturnValue(tomorrow);
        const again = await ada("POST", `${shop}/campaigns`, { ...key, json: draft });
        expect([again.status, again.headers.get("idempotent-replayed")]).toEqual([201, null]);
    });
});

describe("another request with the same key", () => {
    test.each<[string, (key: object) => ReturnType<Asker>]>([
        [
            "another body",
            (key) =>
                ada("POST", `${shop}/campaigns`, { ...key, json: { ...draft, name: "Winter" } }),
        ],
        [
            "another path",
            (key) => ada("POST", `/business/v1/campaigns/${tea.campaignId}/pause`, key),
        ],
        ["another method", (key) => ada("DELETE", `${shop}/webhooks/shopify`, key)],
    ])("(%s) is refused", async (_, another) => {
        const key = once(randomUUID());
        await ada("POST", `${shop}/campaigns`, { ...key, json: draft });
        const { status, body } = await another(key);
        expect([status, body.error.code]).toEqual([422, "IDEMPOTENCY_KEY_REUSED"]);
    });
});

describe("a failure of ours", () => {
    test("is not kept: the next attempt may go better", async () => {
        const key = once(randomUUID());
        vi.spyOn(CampaignContext.services.campaigns, "create").mockRejectedValueOnce(
            new Error("disk full")
        );
        expect((await ada("POST", `${shop}/campaigns`, { ...key, json: draft })).status).toBe(500);
        const again = await ada("POST", `${shop}/campaigns`, { ...key, json: draft });
        expect([again.status, again.headers.get("idempotent-replayed")]).toEqual([201, null]);
    });
});

describe("a key", () => {
    test("of one caller is nothing to another", async () => {
        const key = once(randomUUID());
        const first = await ada("POST", "/business/v1/merchants", {
            ...key,
            json: { name: "Ada's", domain: `${randomUUID()}.localhost` },
        });
        const zoe = await signedIn((await teaStory()).ada);
        const domain = `${randomUUID()}.localhost`;
        const other = await zoe("POST", "/business/v1/merchants", {
            ...key,
            json: { name: "Zoe's", domain },
        });
        expect([first.status, other.status]).toEqual([201, 201]);
        expect(other.body.name).toBe("Zoe's");
    });

    test("opens no door: who is not let in is not told what somebody else was", async () => {
        const key = once(randomUUID());
        const put = (asker: Asker) =>
            asker("PUT", `${shop}/webhooks/shopify`, { ...key, json: {} });
        const first = await put(ada);
        expect(first.body.secret).toMatch(/./);

        const zoe = await signedIn((await teaStory()).ada);
        for (const [stranger, expected] of [
            [ask, 401],
            [zoe, 404],
        ] as const) {
            const answer = await put(stranger);
            expect([answer.status, answer.headers.get("idempotent-replayed")]).toEqual([
                expected,
                null,
            ]);
            expect(answer.text).not.toContain(first.body.secret);
        }
        expect((await put(ada)).body).toEqual(first.body);
    });

    test.each(["", "k".repeat(256)])("of %j is refused", async (key) => {
        const { status, body } = await ada("POST", `${shop}/campaigns`, {
            ...once(key),
            json: draft,
        });
        expect([status, body.error.code]).toEqual([400, "INVALID_REQUEST"]);
    });

    test.each(["k", "k".repeat(255), "not only letters: é!"])("of %j is taken", async (key) => {
        expect((await ada("POST", `${shop}/campaigns`, { ...once(key), json: draft })).status).toBe(
            201
        );
    });

    test("means nothing to a question: what is asked is answered as it is now", async () => {
        const key = once(randomUUID());
        expect((await ada("GET", `${shop}/campaigns`, key)).body.items).toHaveLength(1);
        await ada("POST", `${shop}/campaigns`, { json: draft });
        expect((await ada("GET", `${shop}/campaigns`, key)).body.items).toHaveLength(2);
    });
});

describe("in the wallet", () => {
    const arrival = (asker: Asker, key: string) =>
        asker("POST", "/wallet/v1/track/arrival", {
            ...once(key),
            json: { merchantId: tea.merchantId, referralCode: tea.code },
        });

    test("a browser arrives once", async () => {
        const key = randomUUID();
        const cleo = askWith({ "x-client-id": newClient(tea.merchantId).clientId });
        const [first, second] = [await arrival(cleo, key), await arrival(cleo, key)];
        expect(second.body).toEqual(first.body);
        expect(second.headers.get("idempotent-replayed")).toBe("true");
    });

    test("two browsers with one key arrive both, and so does a wallet", async () => {
        const key = randomUUID();
        const visitors = [
            askWith({ "x-client-id": newClient(tea.merchantId).clientId }),
            askWith({ "x-client-id": newClient(tea.merchantId).clientId }),
            await withWallet(someWallet()),
        ];
        const answers = await Promise.all(visitors.map((visitor) => arrival(visitor, key)));
        expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
        expect(new Set(answers.map(({ body }) => body.touchpointId)).size).toBe(3);
    });

    test("a token for a shop's page is made once", async () => {
        const key = once(randomUUID());
        const ben = await withWallet(someWallet());
        const [first, second] = [
            await ben("POST", "/wallet/v1/auth/sdk", { ...key, json: {} }),
            await ben("POST", "/wallet/v1/auth/sdk", { ...key, json: {} }),
        ];
        expect([first.status, second.body]).toEqual([200, first.body]);
        expect(second.headers.get("idempotent-replayed")).toBe("true");
    });
});

test("a registration that is sent again makes no second wallet, and its tokens are in no copy of the database", async () => {
    const key = once(randomUUID());
    const { body: asked } = await ask("POST", "/wallet/v1/auth/challenge", {
        json: { purpose: "register" },
    });
    const phone = new SoftwareAuthenticator({ origin: "http://localhost:3030" });
    const json = { challengeId: asked.challengeId, credential: phone.register(asked.challenge) };
    const [first, second] = [
        await ask("POST", "/wallet/v1/auth/register", { ...key, json }),
        await ask("POST", "/wallet/v1/auth/register", { ...key, json }),
    ];
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body.refreshToken).toBe(first.body.refreshToken);
    expect(JSON.stringify(await keptKeys())).not.toContain(first.body.refreshToken);
});

test("what was asked cannot be guessed from what is kept of it", async () => {
    const path = "/wallet/v1/identity/install-codes/redeem";
    const holder = await withWallet(someWallet());
    await holder("POST", path, { ...once(randomUUID()), json: { code: "ABC234" } });
    const guess = `POST ${path} ${JSON.stringify({ code: "ABC234" })}`;
    const fingerprints = (await keptKeys()).map(({ fingerprint }) => fingerprint);
    expect(fingerprints.length).toBeGreaterThan(0);
    expect(fingerprints).not.toContain(createHash("sha256").update(guess).digest("base64url"));
});
