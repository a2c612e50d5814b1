import { createHmac, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { eq } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { shopifyOrder, signed } from "@/api/demo/shopifyOrder";
import { PurchasesContext } from "@/domain/purchases";
import { webhookDeliveries } from "@/domain/purchases/db/schema";
import { database } from "@/infrastructure/persistence/postgres";
import { newId } from "@/utils/ids";
import { hours, later, systemClock } from "@/utils/time";
import { ask, signedIn } from "../../fixtures/api";
import { newOrderId, type Tea, teaStory } from "../../fixtures/tea";

const { shopWebhooks } = PurchasesContext.services;
let tea: Tea;
let order: string;
beforeEach(async () => {
    tea = await teaStory();
    order = shopifyOrder({ id: newOrderId() });
});
afterEach(() => vi.restoreAllMocks());

type Delivery = { body: string | Uint8Array<ArrayBuffer>; headers: Record<string, string> };
const tells = ({ body, headers }: Delivery, merchantId: string = tea.merchantId, version = "/v1") =>
    ask("POST", `/external${version}/merchants/${merchantId}/webhooks/shopify`, { body, headers });
const inbox = () =>
    database.current
        .select()
        .from(webhookDeliveries)
        .where(eq(webhookDeliveries.merchantId, tea.merchantId));
/** As they were signed. */
const bodies = async () => (await inbox()).map(({ body }) => Bun.zstdDecompressSync(body));
const macOf = (body: string | Uint8Array, secret = tea.secret) =>
    createHmac("sha256", secret).update(body).digest("base64");
const withHeader = (name: string, value: string | undefined): Delivery => {
    const { body, headers } = signed(order, tea.secret);
    const { [name]: _, ...rest } = headers;
    return { body, headers: value === undefined ? rest : { ...rest, [name]: value } };
};
const rotate = (secret?: string) =>
    shopWebhooks.put(tea.merchantId, "shopify", { secret, shopDomain: undefined });
const becomes = (ms: number) => vi.spyOn(systemClock, "now").mockReturnValue(later(new Date(), ms));

describe("a signed delivery", () => {
    test("is kept as it came before it is answered", async () => {
        const delivery = signed(order, tea.secret, { webhookId: "webhook-1" });
        const { status, body } = await tells({
            ...delivery,
            headers: { ...delivery.headers, "x-request-id": "shopifys-request" },
        });
        expect([status, body]).toEqual([
            200,
            { status: "accepted", deliveryId: expect.any(String) },
        ]);

        const [kept] = await inbox();
        expect(kept).toMatchObject({
            id: body.deliveryId,
            status: "received",
            topic: "orders/paid",
            dedupeKey: "webhook-1",
            requestId: "shopifys-request",
        });
        expect((await bodies()).map(String)).toEqual([order]);
    });

    test("told again is a duplicate of the first", async () => {
        const delivery = signed(order, tea.secret);
        const [first, second] = [await tells(delivery), await tells(delivery)];
        expect(second.body).toEqual({ status: "duplicate", deliveryId: first.body.deliveryId });
        expect(await inbox()).toHaveLength(1);
    });

    test("is signed over its bytes, whatever they would be after a parser had them", async () => {
        const odd = [
            '{ "id" : 820982911946154508 , "price":  1.10 , "name":"caf\\u00e9" }',
            '{"a":1,"a":2}',
            '{"b":1,"a":2}\r\n',
            '{"id":1e3}',
            "\ufeff{}",
        ];
        for (const body of odd) {
            expect(JSON.stringify(tryParse(body))).not.toBe(body);
            expect((await tells(signed(body, tea.secret))).status).toBe(200);
        }
        const bytes = Uint8Array.of(0xff, 0xfe, 0x00, 0x80);
        const { headers } = signed("", tea.secret);
        expect(
            (
                await tells({
                    body: bytes,
                    headers: { ...headers, "x-shopify-hmac-sha256": macOf(bytes) },
                })
            ).status
        ).toBe(200);
        const hex = (body: string | Uint8Array) => Buffer.from(body as string).toString("hex");
        expect((await bodies()).map(hex).toSorted()).toEqual([...odd, bytes].map(hex).toSorted());
    });

    test("is the same by a path without a version", async () => {
        expect((await tells(signed(order, tea.secret), tea.merchantId, "")).body.status).toBe(
            "accepted"
        );
    });

    test("of nothing at all is kept, too: what is signed is not judged here", async () => {
        expect((await tells(signed("", tea.secret))).body.status).toBe("accepted");
    });

    test("is shown to its merchant, without its body", async () => {
        await tells(signed(order, tea.secret, { webhookId: "webhook-1" }));
        const ada = await signedIn(tea.ada);
        const { body, text } = await ada(
            "GET",
            `/business/v1/merchants/${tea.merchantId}/webhook-deliveries`
        );
        expect(body.items).toEqual([
            {
                id: expect.any(String),
                platform: "shopify",
                topic: "orders/paid",
                externalId: null,
                status: "received",
                attempts: 0,
                reason: null,
                receivedAt: expect.any(String),
                processedAt: null,
            },
        ]);
        expect(text).not.toContain("line_items");
    });
});

describe("is refused and not kept:", () => {
    const mac = "x-shopify-hmac-sha256";

    test.each<[string, () => Delivery]>([
        ["no signature", () => withHeader(mac, undefined)],
        ["an empty one", () => withHeader(mac, "")],
        ["a short one", () => withHeader(mac, macOf(order).slice(0, 20))],
        ["a long one", () => withHeader(mac, `AAAA${macOf(order)}`)],
        ["no base64", () => withHeader(mac, "signature!")],
        [
            "the right one in hex",
            () => withHeader(mac, Buffer.from(macOf(order), "base64").toString("hex")),
        ],
        [
            "one with another secret",
            () => withHeader(mac, macOf(order, "another secret of at least 24")),
        ],
        ["one with no secret", () => withHeader(mac, macOf(order, ""))],
        ["one over other bytes", () => withHeader(mac, macOf(`${order} `))],
        [
            "one over the same JSON in other bytes",
            () => withHeader(mac, macOf(JSON.stringify(JSON.parse(order), null, 1))),
        ],
        [
            "a body that was changed on its way",
            () => ({ ...signed(order, tea.secret), body: order.replace("paid", "Paid") }),
        ],
    ])("%s", async (_, delivery) => {
        const { status, body } = await tells(delivery());
        expect([status, body.error.code]).toEqual([401, "SIGNATURE_INVALID"]);
        expect(await inbox()).toEqual([]);
    });

    test("a delivery to a merchant that nobody knows, or that has no shop", async () => {
        const delivery = signed(order, tea.secret);
        await shopWebhooks.remove(tea.merchantId, "shopify");
        for (const merchantId of [newId(), tea.merchantId]) {
            const { status, body } = await tells(delivery, merchantId);
            expect([status, body.error.code]).toEqual([404, "WEBHOOK_NOT_CONFIGURED"]);
        }
        expect(await inbox()).toEqual([]);
    });

    test("a delivery signed by the shop of another merchant", async () => {
        const { secret } = await teaStory();
        expect((await tells(signed(order, secret))).status).toBe(401);
    });

    test("more than two megabytes, and not a byte less", async () => {
        const full = (bytes: number) => `"${"x".repeat(bytes - 2)}"`;
        expect((await tells(signed(full(2 * 2 ** 20 + 1), tea.secret))).body.error.code).toBe(
            "PAYLOAD_TOO_LARGE"
        );
        expect(await inbox()).toEqual([]);
        expect((await tells(signed(full(2 * 2 ** 20), tea.secret))).status).toBe(200);
    });
});

describe("after the secret was changed", () => {
    test("the old one is good for a day, beside the new one", async () => {
        const { secret } = await rotate();
        becomes(hours(24) - 60_000);
        expect((await tells(signed(order, tea.secret))).status).toBe(200);
        expect((await tells(signed(order, secret))).status).toBe(200);
    });

    test("the old one is worth nothing after that", async () => {
        const { secret } = await rotate();
        becomes(hours(24) + 60_000);
        expect((await tells(signed(order, tea.secret))).status).toBe(401);
        expect((await tells(signed(order, secret))).status).toBe(200);
    });

    test("twice, the oldest one is worth nothing at once", async () => {
        const { secret: second } = await rotate();
        const { secret: third } = await rotate();
        const answers = [tea.secret, second, third].map(
            async (secret) => (await tells(signed(order, secret))).status
        );
        expect(await Promise.all(answers)).toEqual([401, 200, 200]);
    });

    test("the new one is good at once, though the old one was asked for just now", async () => {
        await tells(signed(order, tea.secret));
        const { secret } = await rotate();
        expect((await tells(signed(order, secret))).status).toBe(200);
    });
});

describe("of a merchant who named their shop", () => {
    beforeEach(() =>
        shopWebhooks.put(tea.merchantId, "shopify", {
            secret: tea.secret,
            shopDomain: "Tea.myshopify.com",
        })
    );

    test.each([
        ["tea.myshopify.com", 200],
        ["TEA.MYSHOPIFY.COM", 200],
        ["coffee.myshopify.com", 401],
        ["tea.myshopify.com.evil.example", 401],
        [undefined, 401],
    ])("a delivery of %s is answered %i", async (shop, expected) => {
        expect((await tells(withHeader("x-shopify-shop-domain", shop))).status).toBe(expected);
    });
});

describe("the scenario deliveries, with the headers that Shopify sent", () => {
    const folder = new URL("../../fixtures/payloads/shopify/", import.meta.url);
    const scenarios = JSON.parse(readFileSync(new URL("deliveries.json", folder), "utf8")) as {
        secret: string;
        oldSecret: string;
        shop: string;
        deliveries: {
            name: string;
            file: string;
            headers: Record<string, string>;
            expect: string;
        }[];
    };
    const expected = { "bad-hmac": 401, "missing-hmac": 401 } as Record<string, number>;

    test.each(scenarios.deliveries.map((one) => [one.name, one] as const))(
        "%s",
        async (name, { file, headers }) => {
            const { shop: shopDomain, oldSecret, secret } = scenarios;
            for (const one of [oldSecret, secret])
                await shopWebhooks.put(tea.merchantId, "shopify", { secret: one, shopDomain });
            const body = new Uint8Array(readFileSync(new URL(file, folder)));
            const { status } = await tells({ body, headers });
            expect(status).toBe(expected[name] ?? 200);
            expect(await inbox()).toHaveLength(status === 200 ? 1 : 0);
        }
    );
});

test("headers that Postgres could not store are cut to what it can", async () => {
    const long = {
        "x-shopify-topic": "t".repeat(2_000),
        "x-shopify-webhook-id": "w".repeat(2_000),
    };
    const { body, headers } = signed(order, tea.secret);
    expect((await tells({ body, headers: { ...headers, ...long } })).status).toBe(200);
    expect(await inbox()).toMatchObject([{ topic: "t".repeat(255), dedupeKey: "w".repeat(255) }]);
});

test("ten at once under one webhook id are one", async () => {
    const delivery = signed(order, tea.secret, { webhookId: randomUUID() });
    const answers = await Promise.all(Array.from({ length: 10 }, () => tells(delivery)));
    expect(answers.filter(({ body }) => body.status === "accepted")).toHaveLength(1);
    expect(new Set(answers.map(({ body }) => body.deliveryId)).size).toBe(1);
});

function tryParse(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return undefined;
    }
}
