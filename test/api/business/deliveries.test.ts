import { createHmac } from "node:crypto";
import { and, eq, sql } from "drizzle-orm";
import { Webhook } from "standardwebhooks";
import { describe, expect, test } from "vitest";
import { AuthContext } from "@/domain/auth";
import { interactions } from "@/domain/campaign/db/schema";
import type { Action } from "@/domain/merchant";
import { PurchasesContext } from "@/domain/purchases";
import { database } from "@/infrastructure/persistence/postgres";
import { ask, signedIn } from "../../fixtures/api";
import { delivers, inboxOf, known, put, rewardsOf } from "../../fixtures/inbox";
import { buys, newOrderId, teaStory, tells, workOff } from "../../fixtures/tea";

const order = (id: string, change: object = {}) =>
    JSON.stringify({
        id,
        status: "confirmed",
        currency: "USD",
        total: "40.00",
        updatedAt: new Date().toISOString(),
        ...change,
    });

describe("a dead letter", () => {
    test("says why, is counted, and can be tried again", async () => {
        const tea = await teaStory();
        const ada = await signedIn(tea.ada);
        await tells(tea, '{"id":1,"total_price":"-1"}');
        await workOff();
        const path = `/business/v1/merchants/${tea.merchantId}`;
        const { body } = await ada("GET", `${path}/webhook-deliveries?status=dead`);
        expect(body.items).toMatchObject([
            { status: "dead", reason: expect.stringContaining("total_price") },
        ]);
        const { health } = (await ada("GET", `${path}/webhooks/shopify`)).body;
        expect(health).toMatchObject({ dead: 1, waiting: 0, processed: 0 });

        const replay = `${path}/webhook-deliveries/${body.items[0].id}/replay`;
        const again = await ada("POST", replay);
        expect([again.status, again.body.status]).toEqual([202, "received"]);
        await workOff();
        expect(await inboxOf(tea.merchantId)).toMatchObject([{ status: "dead", attempts: 1 }]);
    });
});

describe("a processed delivery", () => {
    test("processed once more changes nothing", async () => {
        const tea = await teaStory();
        const ada = await signedIn(tea.ada);
        const { deliveryId } = await buys(tea, {
            id: newOrderId(),
            clientId: tea.cleo.clientId,
        });
        const before = [await known(tea.merchantId), await rewardsOf(tea.merchantId)];
        await ada(
            "POST",
            `/business/v1/merchants/${tea.merchantId}/webhook-deliveries/${deliveryId}/replay`
        );
        await workOff();
        expect([await known(tea.merchantId), await rewardsOf(tea.merchantId)]).toEqual(before);
    });
});

describe("a secret", () => {
    test("is rotated: both are good for a while", async () => {
        const tea = await teaStory();
        const ada = await signedIn(tea.ada);
        const path = `/business/v1/merchants/${tea.merchantId}/webhooks/shopify/rotate`;
        const { secret } = (await ada("POST", path)).body;
        expect(secret).not.toBe(tea.secret);
        for (const one of [secret, tea.secret]) await tells({ ...tea, secret: one }, "{}");
        await expect(tells({ ...tea, secret: "another one" }, "{}")).rejects.toMatchObject({
            code: "SIGNATURE_INVALID",
        });
    });
});

describe("a shop of nobody's platform", () => {
    test("tells of its orders as Standard Webhooks has it, and by a plain HMAC", async () => {
        const tea = await teaStory();
        const { merchantId } = tea;
        const { secret } = await put(merchantId, "custom");
        const first = order("A-1", { clientId: tea.cleo.clientId });
        const at = new Date();
        const headers = {
            "webhook-id": "msg_1",
            "webhook-timestamp": String(Math.floor(at.getTime() / 1_000)),
            "webhook-signature": new Webhook(secret).sign("msg_1", at, first),
        };
        const answers = [
            await delivers(merchantId, "custom", { headers, body: first }),
            await delivers(merchantId, "custom", { headers, body: first }),
        ];
        expect(answers.map(({ body }) => body.status)).toEqual(["accepted", "duplicate"]);

        const second = order("A-1", {
            clientId: tea.cleo.clientId,
            refunds: [{ id: "r", amount: 10 }],
        });
        const mac = createHmac("sha256", secret).update(second).digest("hex");
        await delivers(merchantId, "custom", { headers: { "x-hmac-sha256": mac }, body: second });
        await workOff();
        expect(await known(merchantId)).toMatchObject([
            { status: "partiallyRefunded", refunded: 1_000n, platform: "custom" },
        ]);
    });

    test("saw somebody do something: once, however often it says so", async () => {
        const tea = await teaStory();
        const { secret } = await put(tea.merchantId, "custom");
        const body = JSON.stringify({
            customType: "review",
            idempotencyKey: "review-1",
            clientId: tea.cleo.clientId,
            data: { stars: 5 },
        });
        const mac = createHmac("sha256", secret).update(body).digest("base64");
        const path = `/external/v1/merchants/${tea.merchantId}/events`;
        const headers = { "x-hmac-sha256": mac };
        expect((await ask("POST", path, { headers, body })).body.status).toBe("accepted");
        expect((await ask("POST", path, { headers, body })).body.status).toBe("duplicate");
        await workOff();
        const seen = and(
            eq(interactions.merchantId, tea.merchantId),
            eq(interactions.trigger, "custom")
        );
        expect(await database.current.select().from(interactions).where(seen)).toMatchObject([
            { subject: "shop:review-1", data: { stars: 5, customType: "review" } },
        ]);
    });
});

describe("how deliveries fared", () => {
    test("is known without reading those of long ago", async () => {
        const tea = await teaStory();
        await tells(tea, '{"id":1,"total_price":"-1"}');
        await workOff();
        await tells(tea, "{}", { topic: "products/update" });
        const { merchantId } = tea;
        await database.rows(sql`
            insert into webhook_deliveries (id, merchant_id, platform, dedupe_key, topic, headers, body,
                body_sha256, request_id, status, received_at, due_at)
            select gen_random_uuid(), merchant_id, platform, number::text, topic, headers, body, body_sha256,
                request_id, 'processed', received_at - interval '2 days', due_at
            from webhook_deliveries, generate_series(1, 5000) number
            where merchant_id = ${merchantId} and status = 'dead'`);
        await database.rows(sql`analyze webhook_deliveries`);
        const { deliveries } = PurchasesContext.services;
        const readSoFar = async () => {
            const [row] = await database.rows<{ read: string }>(sql`
                select seq_tup_read + (select sum(idx_tup_read) from pg_stat_user_indexes
                    where relname = 'webhook_deliveries') as read
                from pg_stat_user_tables where relname = 'webhook_deliveries'`);
            return Number(row?.read);
        };
        const settled = () => database.rows(sql`select pg_stat_force_next_flush()`);
        await database.transaction(settled);
        const before = await readSoFar();
        const health = await database.transaction(async () => {
            const found = await deliveries.healthOf(merchantId, "shopify");
            await settled();
            return found;
        });
        expect(health).toMatchObject({ waiting: 1, processed: 0, ignored: 0, dead: 1 });
        expect(health.lastReceivedAt?.getTime()).toBe(health.oldestWaitingAt?.getTime());
        const read = (await readSoFar()) - before;
        expect(read).toBeGreaterThan(0);
        expect(read).toBeLessThan(100);
    });
});

describe("a merchant's server with a key", () => {
    test("says what somebody did, unsigned and once, and nothing where its key has no such scope", async () => {
        const tea = await teaStory();
        const keyFor = async (scope: Action) =>
            (
                await AuthContext.services.apiKeys.create({
                    merchantId: tea.merchantId,
                    name: "Back office",
                    scopes: [scope],
                    mode: "live",
                    createdBy: tea.ada,
                })
            ).text;
        const { clientId } = tea.cleo;
        const json = { customType: "review", idempotencyKey: "review-1", clientId };
        const path = `/external/v1/merchants/${tea.merchantId}/events`;
        const asked = async (authorization: string) => {
            const { status, body } = await ask("POST", path, { headers: { authorization }, json });
            return body.status ?? [status, body.error.code];
        };
        const own = `Bearer ${await keyFor("events:write")}`;
        const others = `Bearer ${await keyFor("purchases:read")}`;
        expect(await asked(others)).toEqual([403, "SCOPE_MISSING"]);
        expect(await asked("Bearer ck_live_unknown")).toEqual([401, "API_KEY_INVALID"]);
        expect(await asked("Basic none")).toEqual([404, "WEBHOOK_NOT_CONFIGURED"]);
        expect(await asked(own)).toBe("accepted");
        expect(await asked(own)).toBe("duplicate");
        await workOff();
        const seen = and(
            eq(interactions.merchantId, tea.merchantId),
            eq(interactions.trigger, "custom")
        );
        expect(await database.current.select().from(interactions).where(seen)).toMatchObject([
            { subject: "shop:review-1" },
        ]);
    });
});

describe("the list of purchases", () => {
    test("is filtered, paged, and has an older name", async () => {
        const tea = await teaStory();
        const ada = await signedIn(tea.ada);
        const { clientId } = tea.cleo;
        await buys(tea, { id: newOrderId(), clientId });
        await buys(tea, { id: newOrderId() });
        await buys(tea, { id: newOrderId(), financialStatus: "pending" });
        const path = `/business/v1/merchants/${tea.merchantId}/purchases`;
        const count = async (query: string) =>
            (await ada("GET", `${path}?${query}`)).body.items.length;
        expect(await count("status=confirmed,pending")).toBe(3);
        expect(await count("status=pending")).toBe(1);
        expect(await count("linked=true")).toBe(1);
        expect(await count("platform=custom")).toBe(0);
        expect(await count(`from=${new Date(Date.now() + 60_000).toISOString()}`)).toBe(0);
        expect((await ada("GET", `${path}?status=lost`)).status).toBe(400);

        const { body } = await ada("GET", `${path}?limit=2`);
        expect(body.nextCursor).not.toBeNull();
        expect(await count(`limit=2&cursor=${body.nextCursor}`)).toBe(1);
        const forged = await ada("GET", `${path}?cursor=${body.nextCursor}x`);
        expect([forged.status, forged.body.error.code]).toEqual([400, "INVALID_CURSOR"]);
        const older = await ada(
            "GET",
            `/business/v1/oracle/purchases?merchantId=${tea.merchantId}`
        );
        expect(older.body.items).toHaveLength(3);
    });
});

describe("a customer asks to be forgotten", () => {
    test("nothing of theirs is left in the inbox or on their orders; amounts are", async () => {
        const tea = await teaStory();
        const buyer = { customerId: "81", email: "cleo@example.com", clientId: tea.cleo.clientId };
        await buys(tea, { id: newOrderId(), ...buyer });
        await buys(tea, { id: newOrderId() });
        const redact = { shop_id: 1, customer: { id: 81, email: "Cleo@example.com" } };
        await tells(tea, JSON.stringify(redact), { topic: "customers/redact" });
        await workOff();
        const bodies = (await inboxOf(tea.merchantId)).map(({ body }) => body.length > 0);
        expect(bodies.filter(Boolean)).toHaveLength(1);
        const orders = await known(tea.merchantId);
        expect(
            orders.map(({ customerLookup, emailLookup }) => customerLookup ?? emailLookup)
        ).toEqual([null, null]);
        expect(await rewardsOf(tea.merchantId)).toHaveLength(2);
    });
});
