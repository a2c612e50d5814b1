import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { beforeAll, describe, expect, test } from "vitest";
import { AuthContext } from "@/domain/auth";
import { interactions } from "@/domain/campaign/db/schema";
import { IdentityContext } from "@/domain/identity";
import { database } from "@/infrastructure/persistence/postgres";
import { OrchestrationContext } from "@/orchestration";
import type { MerchantId } from "@/utils/ids";
import { type Asker, ask, askWith } from "../../fixtures/api";
import { type Tea, teaStory } from "../../fixtures/tea";

const { sessions } = AuthContext.services;
const { identities } = IdentityContext.services;
const { identityMerge } = OrchestrationContext;
const db = database.current;

let tea: Tea;
beforeAll(async () => {
    tea = await teaStory();
});

/** A wallet's SDK on a shop's page; without a shop, its token is good at each. */
async function sdk(merchantId: MerchantId | null = tea.merchantId) {
    const wallet = privateKeyToAccount(generatePrivateKey()).address;
    const { session } = await sessions.open({ wallet, credentialId: "p", userAgent: null });
    const { token } = await sessions.openSdk(session, merchantId);
    const key = identities.keyOf({ kind: "wallet", wallet });
    return { key, asker: askWith({ "x-wallet-sdk-auth": token }) };
}
const kept = async (id: string) =>
    (
        await db
            .select()
            .from(interactions)
            .where(eq(interactions.id, id as never))
    )[0];
const share = (asker: Asker, json: object = {}) =>
    asker("POST", "/wallet/v1/track/share", { json: { merchantId: tea.merchantId, ...json } });
const custom = (asker: Asker, json: object = {}) =>
    asker("POST", "/wallet/v1/track/custom", {
        json: {
            merchantId: tea.merchantId,
            customType: "newsletter",
            idempotencyKey: "1",
            ...json,
        },
    });
const push = (asker: Asker, items: readonly unknown[]) =>
    asker("POST", "/wallet/v1/interactions/push", { json: { interactions: items } });
const codeOf = ({ body }: { body: { error: { code: string } } }) => body.error.code;

describe("a share", () => {
    test("counts once for its id, and each person's on its own", async () => {
        const [ben, cleo] = [0, 1].map(() => askWith({ "x-client-id": randomUUID() }));
        const first = await share(ben as Asker, { shareId: "s1" });
        expect([first.status, first.body.duplicate]).toEqual([200, false]);
        expect((await share(ben as Asker, { shareId: "s1" })).body).toEqual({
            interactionId: first.body.interactionId,
            duplicate: true,
        });
        expect((await share(cleo as Asker, { shareId: "s1" })).body.duplicate).toBe(false);
        expect(await kept(first.body.interactionId)).toMatchObject({
            trigger: "share",
            status: "open",
            merchantId: tea.merchantId,
        });
    });

    test("of a purchase counts once; without either each is one of its own", async () => {
        const ben = askWith({ "x-client-id": randomUUID() });
        const purchaseId = randomUUID();
        const first = await share(ben, { purchaseId });
        expect((await share(ben, { purchaseId })).body.duplicate).toBe(true);
        expect((await kept(first.body.interactionId))?.data).toEqual({ purchaseId });
        expect((await share(ben)).body.duplicate).toBe(false);
        expect((await share(ben)).body.duplicate).toBe(false);
    });

    test("ten times at once is one", async () => {
        const ben = askWith({ "x-client-id": randomUUID() });
        const answers = await Promise.all(
            Array.from({ length: 10 }, () => share(ben, { shareId: "at once" }))
        );
        expect(new Set(answers.map(({ body }) => body.interactionId)).size).toBe(1);
        expect(answers.filter(({ body }) => !body.duplicate)).toHaveLength(1);
    });

    test("that was told before two browsers became one person's still counts once", async () => {
        const { asker, key } = await sdk();
        const clientId = randomUUID();
        const browser = askWith({ "x-client-id": clientId });
        const { merchantId } = tea;
        const first = await share(browser, { shareId: "before" });
        const client = identities.keyOf({ kind: "client", clientId, merchantId });
        await identityMerge.unite({ keys: [key, client], reason: "test", evidence: {} });
        expect((await share(asker, { shareId: "before" })).body).toEqual({
            interactionId: first.body.interactionId,
            duplicate: true,
        });
    });

    test("at no shop is refused", async () => {
        const ben = askWith({ "x-client-id": randomUUID() });
        const answer = await share(ben, { merchantId: randomUUID() });
        expect([answer.status, codeOf(answer)]).toEqual([404, "MERCHANT_NOT_FOUND"]);
    });
});

describe("a custom event", () => {
    test("is kept with its type and data, once for its key", async () => {
        const { asker } = await sdk();
        const first = await custom(asker, { data: { plan: "gold", seats: 3 } });
        expect(await kept(first.body.interactionId)).toMatchObject({
            trigger: "custom",
            data: { customType: "newsletter", plan: "gold", seats: 3 },
        });
        const second = await custom(asker, { customType: "other" });
        expect(second.body).toEqual({ interactionId: first.body.interactionId, duplicate: true });
        expect((await custom((await sdk()).asker)).body.duplicate).toBe(false);
    });

    test.each([
        ["idempotencyKey", { idempotencyKey: undefined }],
        ["idempotencyKey", { idempotencyKey: "" }],
        ["idempotencyKey", { idempotencyKey: "k".repeat(256) }],
        ["customType", { customType: "" }],
        ["customType", { customType: "t".repeat(101) }],
        ["data", { data: { text: "ü".repeat(2_048) } }],
        ["data", { data: "text" }],
    ])("with a wrong %s is refused", async (field, change) => {
        const answer = await custom((await sdk()).asker, change);
        expect([answer.status, codeOf(answer)]).toEqual([400, "INVALID_REQUEST"]);
        expect(answer.body.error.details.map(({ path }: { path: string }) => path)).toContain(
            field
        );
    });

    test("may carry 4 KiB, and not a byte more", async () => {
        const { asker } = await sdk();
        const text = (length: number) => ({ data: { t: "x".repeat(length) } });
        const least = JSON.stringify({ t: "" }).length;
        expect((await custom(asker, text(4_096 - least))).status).toBe(200);
        expect((await custom(asker, text(4_097 - least))).status).toBe(400);
    });

    test("takes an SDK token, of this shop", async () => {
        const stranger = await custom(askWith({ "x-client-id": randomUUID() }));
        expect([stranger.status, codeOf(stranger)]).toEqual([401, "AUTH_REQUIRED"]);
        const { asker } = await sdk((await teaStory()).merchantId);
        const elsewhere = await custom(asker);
        expect([elsewhere.status, codeOf(elsewhere)]).toEqual([403, "MERCHANT_MISMATCH"]);
    });
});

describe("many at once", () => {
    test("get a result each, in order, and one that is wrong fails no other", async () => {
        const { merchantId } = tea;
        const { asker } = await sdk(null);
        const event = { type: "custom", merchantId, customType: "visit", idempotencyKey: "k" };
        const { status, body } = await push(asker, [
            { type: "arrival", merchantId, referralCode: tea.code },
            { type: "share", merchantId, shareId: "s" },
            event,
            { ...event, idempotencyKey: undefined },
            { type: "purchase", merchantId },
            "nonsense",
            { type: "share", merchantId: randomUUID() },
            { ...event, idempotencyKey: "k2", data: { t: "x".repeat(5_000) } },
            event,
        ]);
        expect(status).toBe(200);
        const failed = (code: string) => ({
            status: "failed",
            error: expect.objectContaining({ code }),
        });
        const opened = { status: "ok", interactionId: expect.any(String) };
        expect(body.results.slice(0, 2)).toEqual([
            { status: "ok", touchpointId: expect.any(String), referred: true },
            { ...opened, duplicate: false },
        ]);
        expect(body.results.slice(3, 8)).toEqual([
            failed("INVALID_REQUEST"),
            failed("INVALID_REQUEST"),
            failed("INVALID_REQUEST"),
            failed("MERCHANT_NOT_FOUND"),
            failed("INVALID_REQUEST"),
        ]);
        const [one, other] = [body.results[2], body.results[8]];
        expect([one, other]).toMatchObject([opened, opened]);
        expect(one.interactionId).toBe(other.interactionId);
        expect([one.duplicate, other.duplicate].toSorted()).toEqual([false, true]);
    });

    test("are of the one shop that the token is for", async () => {
        const { asker } = await sdk();
        const { merchantId } = await teaStory();
        const { body } = await push(asker, [
            { type: "share", merchantId },
            { type: "arrival", merchantId },
            { type: "share", merchantId: tea.merchantId },
        ]);
        expect(body.results.map(({ error }: { error?: { code: string } }) => error?.code)).toEqual([
            "MERCHANT_MISMATCH",
            "MERCHANT_MISMATCH",
            undefined,
        ]);
    });

    test("are a hundred at the most, and one at least", async () => {
        const { asker } = await sdk();
        const share = { type: "share", merchantId: tea.merchantId };
        const hundred = Array.from({ length: 100 }, () => share);
        const { body } = await push(asker, hundred);
        expect(body.results).toHaveLength(100);
        expect(new Set(body.results.map((one: { status: string }) => one.status))).toEqual(
            new Set(["ok"])
        );
        expect((await push(asker, [...hundred, share])).status).toBe(400);
        expect((await push(asker, [])).status).toBe(400);
        const stranger = await ask("POST", "/wallet/v1/interactions/push", {
            json: { interactions: [share] },
        });
        expect(stranger.status).toBe(401);
    });
});
