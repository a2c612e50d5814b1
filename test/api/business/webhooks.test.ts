import { eq } from "drizzle-orm";
import { beforeEach, describe, expect, test } from "vitest";
import { shopWebhooks } from "@/domain/purchases/db/schema";
import { database } from "@/infrastructure/persistence/postgres";
import { type Asker, signedIn } from "../../fixtures/api";
import { type Tea, teaStory } from "../../fixtures/tea";

const secret = "shpss_adas-own-teapot-secret";
let tea: Tea;
let ada: Asker;
let path: string;
beforeEach(async () => {
    tea = await teaStory();
    ada = await signedIn(tea.ada);
    path = `/business/v1/merchants/${tea.merchantId}/webhooks/shopify`;
});

const row = async () => {
    const [found] = await database.current
        .select()
        .from(shopWebhooks)
        .where(eq(shopWebhooks.merchantId, tea.merchantId));
    return found;
};

describe("a webhook's secret", () => {
    test("is made for who has none, long and another each time", async () => {
        const [first, second] = [
            await ada("PUT", path, { json: {} }),
            await ada("PUT", path, { json: {} }),
        ];
        expect(first.body).toEqual({
            url: `http://localhost:3030/external/v1/merchants/${tea.merchantId}/webhooks/shopify`,
            secret: expect.stringMatching(/^[\w-]{43}$/),
        });
        expect(second.body.secret).not.toBe(first.body.secret);
    });

    test("can be the merchant's own", async () => {
        expect((await ada("PUT", path, { json: { secret } })).body.secret).toBe(secret);
    });

    test("is never told again", async () => {
        await ada("PUT", path, { json: { secret, shopDomain: "tea.myshopify.com" } });
        const answer = await ada("GET", path);
        expect(answer.body).toEqual({
            url: expect.stringContaining(tea.merchantId),
            shopDomain: "tea.myshopify.com",
            updatedAt: expect.stringMatching(/Z$/),
            disconnectedAt: null,
            reconciledUntil: null,
            health: {
                lastReceivedAt: null,
                oldestWaitingAt: null,
                waiting: 0,
                processed: 0,
                ignored: 0,
                dead: 0,
            },
        });
        expect(answer.text).not.toContain(secret);
    });

    test("cannot be read from a copy of the database", async () => {
        await ada("PUT", path, { json: { secret } });
        await ada("PUT", path, { json: { secret: `${secret}-2` } });
        const kept = JSON.stringify(await row());
        expect(kept).not.toContain("teapot");
        expect(kept).toMatch(/"previousSecret":"[\w-]{60,}"/);
    });

    test.each(["", "short", "x".repeat(23)])(
        "that is %j is refused, and the one before stays",
        async (tooShort) => {
            const before = await row();
            const { status, body } = await ada("PUT", path, { json: { secret: tooShort } });
            expect([status, body.error.code]).toEqual([400, "SECRET_TOO_SHORT"]);
            expect(await row()).toEqual(before);
        }
    );
});

describe("a webhook", () => {
    test("keeps its shop when only the secret is changed", async () => {
        await ada("PUT", path, { json: { shopDomain: "Tea.myshopify.com" } });
        await ada("PUT", path, { json: {} });
        expect((await ada("GET", path)).body.shopDomain).toBe("tea.myshopify.com");
    });

    test("is gone when it is taken away", async () => {
        expect((await ada("DELETE", path)).status).toBe(204);
        for (const method of ["GET", "DELETE"]) {
            const { status, body } = await ada(method, path);
            expect([status, body.error.code]).toEqual([404, "WEBHOOK_NOT_CONFIGURED"]);
        }
    });

    test.each(["etsy", "SHOPIFY", "shopify2", "__proto__"])(
        "of %s is refused: there is no such platform",
        async (platform) => {
            const { status, body } = await ada("PUT", path.replace("/shopify", `/${platform}`), {
                json: {},
            });
            expect(status).toBe(400);
            expect(body.error.details).toEqual([
                { path: "platform", message: expect.stringContaining("Expected one of shopify") },
            ]);
        }
    );
});
