import { sql } from "drizzle-orm";
import { afterEach, describe, expect, test, vi } from "vitest";
import { MerchantContext } from "@/domain/merchant";
import { merchantRoles } from "@/domain/merchant/db/schema";
import { database } from "@/infrastructure/persistence/postgres";
import { newId } from "@/utils/ids";
import { type Answer, ask, signedIn } from "../fixtures/api";
import { bringAFriend } from "../fixtures/story/Merchant";
import { teaStory } from "../fixtures/tea";

afterEach(() => vi.restoreAllMocks());

/** Every refusal has this form, and says its status and its request in the body as it does outside of it. */
function refused({ status, headers, body }: Answer, expected: number, code: string): void {
    expect(body).toEqual({
        error: {
            code,
            message: expect.stringMatching(/./),
            status: expected,
            requestId: headers.get("x-request-id"),
            ...(body.error?.details ? { details: expect.any(Array) } : {}),
        },
    });
    expect(status).toBe(expected);
    expect(headers.get("content-type")).toMatch(/^application\/json/);
}

async function adasShop() {
    const tea = await teaStory();
    const ada = await signedIn(tea.ada);
    return { tea, ada, shop: `/business/v1/merchants/${tea.merchantId}` };
}

describe("400", () => {
    test("names each field that is wrong", async () => {
        const { ada, shop } = await adasShop();
        const answer = await ada("POST", `${shop}/campaigns`, {
            json: { name: "", priority: 1_001, startsAt: "soon", definition: {} },
        });
        refused(answer, 400, "INVALID_REQUEST");
        expect(answer.body.error.details).toEqual([
            { path: "name", message: "Expected string length greater or equal to 1" },
            { path: "priority", message: "Expected integer to be less or equal to 1000" },
            { path: "startsAt", message: "Expected string to match 'date-time' format" },
        ]);
    });

    test("names the fields of a definition as deep as they are", async () => {
        const { ada, shop } = await adasShop();
        const [reward] = bringAFriend.rewards;
        const rewards = [
            reward,
            { ...reward, amount: { percent: { of: "total", percent: "101" } } },
        ];
        const json = { name: "Too generous", definition: { ...bringAFriend, rewards } };
        const answer = await ada("POST", `${shop}/campaigns`, { json });
        refused(answer, 400, "INVALID_REQUEST");
        expect(answer.body.error.details).toEqual([
            {
                path: "definition.rewards.1.amount.percent.percent",
                message: expect.stringContaining("more than 0 and at most 100"),
            },
        ]);
    });

    test.each([
        ["limit=0", "limit"],
        ["limit=101", "limit"],
        ["limit=-1", "limit"],
        ["limit=1.5", "limit"],
        ["limit=ten", "limit"],
        ["limit=1e2", "limit"],
        [`cursor=${"x".repeat(201)}`, "cursor"],
    ])("names what is wrong about ?%s", async (query, path) => {
        const { ada } = await adasShop();
        const answer = await ada("GET", `/business/v1/merchants?${query}`);
        refused(answer, 400, "INVALID_REQUEST");
        expect(answer.body.error.details).toEqual([{ path, message: expect.stringMatching(/./) }]);
    });

    test("tells the words that there are", async () => {
        const { ada, tea } = await adasShop();
        const purpose = await ask("POST", "/wallet/v1/auth/challenge", {
            json: { purpose: "lunch" },
        });
        expect(purpose.body.error.details).toEqual([
            { path: "purpose", message: "Expected one of register, login, stepUp" },
        ]);
        const step = await ada("POST", `/business/v1/campaigns/${tea.campaignId}/burn`);
        expect(step.body.error.details).toEqual([
            { path: "step", message: "Expected one of publish, pause, resume, archive" },
        ]);
    });

    test("ignores fields that it does not know", async () => {
        const json = { purpose: "login", tea: "green" };
        expect((await ask("POST", "/wallet/v1/auth/challenge", { json })).status).toBe(200);
    });

    test("can be a refusal of its own", async () => {
        const { ada } = await adasShop();
        const json = { name: "Ada's Tea", domain: "not a domain" };
        refused(await ada("POST", "/business/v1/merchants", { json }), 400, "DOMAIN_INVALID");
    });
});

test("401: nobody, and somebody who was", async () => {
    const { tea, ada, shop } = await adasShop();
    refused(await ask("GET", shop), 401, "AUTH_REQUIRED");
    refused(await ask("GET", "/wallet/v1/balance"), 401, "AUTH_REQUIRED");
    refused(
        await ask("GET", "/wallet/v1/balance", { headers: { "x-wallet-auth": "tea" } }),
        401,
        "TOKEN_INVALID"
    );
    const noise = { cookie: "businessSession=tea" };
    refused(await ask("GET", shop, { headers: noise }), 401, "AUTH_REQUIRED");

    expect((await ada("POST", "/business/v1/auth/logout")).status).toBe(204);
    refused(await ada("GET", shop), 401, "SESSION_ENDED");
    expect((await (await signedIn(tea.ada))("GET", shop)).status).toBe(200);
});

test("403: somebody whose role is too low", async () => {
    const { tea, shop } = await adasShop();
    const { ada: wallet } = await teaStory();
    const role = "viewer" as const;
    await database.current
        .insert(merchantRoles)
        .values({ merchantId: tea.merchantId, wallet, role });
    const json = { name: "Bring a friend", definition: bringAFriend };
    refused(
        await (await signedIn(wallet))("POST", `${shop}/campaigns`, { json }),
        403,
        "ROLE_TOO_LOW"
    );
});

describe("404", () => {
    test.each([
        ["GET", "/nowhere"],
        ["GET", "/business/v1/nowhere"],
        ["GET", "/business/v2/merchants"],
        ["POST", "/health"],
        ["DELETE", "/wallet/v1/balance"],
        ["GET", "/swagger/ui/package.json"],
        ["GET", "/demo"],
        ["GET", "/"],
    ])("for %s %s: there is no such route", async (method, path) => {
        refused(await ask(method, path), 404, "ROUTE_NOT_FOUND");
    });

    test("for what does not exist", async () => {
        const { ada } = await adasShop();
        refused(await ada("GET", `/business/v1/merchants/${newId()}`), 404, "MERCHANT_NOT_FOUND");
        refused(await ada("GET", `/business/v1/campaigns/${newId()}`), 404, "CAMPAIGN_NOT_FOUND");
        refused(await ada("GET", `/business/v1/purchases/${newId()}`), 404, "PURCHASE_NOT_FOUND");
        refused(
            await ada("GET", `/business/v1/purchases/${newId()}/why`),
            404,
            "PURCHASE_NOT_FOUND"
        );
    });
});

test("409: not in this status", async () => {
    const { ada, tea } = await adasShop();
    const publish = `/business/v1/campaigns/${tea.campaignId}/publish`;
    refused(await ada("POST", publish), 409, "INVALID_TRANSITION");
});

test("422: the domain is not proven", async () => {
    const { ada } = await adasShop();
    const { domainProofs } = MerchantContext.services;
    vi.spyOn(domainProofs["dns"], "resolve").mockResolvedValue(["commend-verification=0x00"]);
    const json = { name: "Ada's Tea", domain: "tea.example" };
    refused(await ada("POST", "/business/v1/merchants", { json }), 422, "DNS_NOT_VERIFIED");
});

describe("500", () => {
    const secret = "connection string of ada";

    test("tells nothing of what went wrong", async () => {
        const { ada } = await adasShop();
        vi.spyOn(MerchantContext.services.merchants, "list").mockRejectedValue(
            new TypeError(secret)
        );
        const answer = await ada("GET", "/business/v1/merchants");
        refused(answer, 500, "INTERNAL");
        expect(answer.text).not.toContain(secret);
        expect(answer.body.error.details).toBeUndefined();
    });

    test("is what a statement gets that makes no sense, without its words", async () => {
        const { ada } = await adasShop();
        vi.spyOn(MerchantContext.services.merchants, "list").mockImplementation(() =>
            database.rows(sql`select ${secret} from nowhere`)
        );
        const answer = await ada("GET", "/business/v1/merchants");
        refused(answer, 500, "INTERNAL");
        expect(answer.text).not.toMatch(/nowhere|select|connection string/);
    });

    test("is what an answer gets that is not as documented: it would mislead", async () => {
        const { ada } = await adasShop();
        const half = [{ id: newId(), domains: [], createdAt: new Date(), name: secret }];
        vi.spyOn(MerchantContext.services.merchants, "list").mockResolvedValue(half as never);
        const answer = await ada("GET", "/business/v1/merchants");
        refused(answer, 500, "INTERNAL");
        expect(answer.text).not.toContain(secret);
    });

    test.each([undefined, null, "tea", { code: "40P01" }])(
        "is what comes of throwing %j",
        async (thrown) => {
            const { ada } = await adasShop();
            vi.spyOn(MerchantContext.services.merchants, "list").mockImplementation(() => {
                throw thrown;
            });
            refused(await ada("GET", "/business/v1/merchants"), 500, "INTERNAL");
        }
    );
});
