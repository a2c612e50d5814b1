import { createHash, randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { beforeAll, expect, test } from "vitest";
import { AuthContext } from "@/domain/auth";
import { apiKeys } from "@/domain/auth/db/schema";
import { ApiKeyRepository } from "@/domain/auth/repositories/ApiKeyRepository";
import { ApiKeyService } from "@/domain/auth/services/ApiKeyService";
import { isApiKeyText } from "@/domain/auth/services/apiKeyText";
import { database } from "@/infrastructure/persistence/postgres";
import { systemClock } from "@/utils/time";
import { type Asker, ask, askWith, signedIn } from "../../fixtures/api";
import { type Tea, teaStory } from "../../fixtures/tea";

let tea: Tea;
let ada: Asker;
let path: string;
beforeAll(async () => {
    tea = await teaStory();
    ada = await signedIn(tea.ada);
    path = `/business/v1/merchants/${tea.merchantId}`;
});

const asked = { name: "Back office", scopes: ["campaigns:read"], mode: "live" };
const make = async (change: object = {}, headers: Record<string, string> = {}) =>
    (await ada("POST", `${path}/api-keys`, { json: { ...asked, ...change }, headers })).body;
const withKey = (key: string) => askWith({ authorization: `Bearer ${key}` });

test("a key is shown once, and kept as its SHA-256", async () => {
    const made = await make();
    expect(made.key).toMatch(/^ck_live_[\dA-Za-z]{49}$/);
    expect((await make({ mode: "test" })).key).toMatch(/^ck_test_/);
    const { key, ...shown } = made;
    expect(shown).toMatchObject({ ...asked, prefix: key.slice(0, 12), lastFour: key.slice(-4) });

    const { body } = await ada("GET", `${path}/api-keys`);
    expect(body.items).toContainEqual(shown);
    const [row] = await database.current.select().from(apiKeys).where(eq(apiKeys.id, made.id));
    expect(row?.hash).toBe(createHash("sha256").update(key).digest("base64url"));
    expect(JSON.stringify([body, row])).not.toContain(key);
});

test("a key does what its scopes say, and makes no keys", async () => {
    const server = withKey((await make()).key);
    expect((await server("GET", `${path}/campaigns`)).status).toBe(200);
    const { status, body } = await server("GET", `${path}/purchases`);
    expect([status, body.error.code]).toEqual([403, "SCOPE_MISSING"]);
    expect((await server("POST", `${path}/api-keys`, { json: asked })).status).toBe(401);
});

test("a key of another merchant, or of the other mode, opens nothing", async () => {
    const other = `/business/v1/merchants/${(await teaStory()).merchantId}/campaigns`;
    expect((await withKey((await make()).key)("GET", other)).body.error.code).toBe(
        "MERCHANT_NOT_FOUND"
    );
    const { body } = await withKey((await make({ mode: "test" })).key)("GET", `${path}/campaigns`);
    expect(body.error.code).toBe("MODE_MISMATCH");
});

test("a revoked key is refused at once here, and gone from the list", async () => {
    const { id, key } = await make();
    const server = withKey(key);
    expect((await server("GET", `${path}/campaigns`)).status).toBe(200);
    expect((await ada("DELETE", `${path}/api-keys/${id}`)).status).toBe(204);
    const { status, body } = await server("GET", `${path}/campaigns`);
    expect([status, body.error.code]).toEqual([401, "API_KEY_INVALID"]);
    const again = await ada("DELETE", `${path}/api-keys/${id}`);
    expect([again.status, again.body.error.code]).toEqual([404, "API_KEY_NOT_FOUND"]);
    const list = await ada("GET", `${path}/api-keys`);
    expect(list.text).not.toContain(id);
});

test("nobody revokes the key of another merchant", async () => {
    const { id, key } = await make();
    const zoesTea = await teaStory();
    const zoe = await signedIn(zoesTea.ada);
    const theirs = `/business/v1/merchants/${zoesTea.merchantId}/api-keys/${id}`;
    expect((await zoe("DELETE", theirs)).status).toBe(404);
    expect((await withKey(key)("GET", `${path}/campaigns`)).status).toBe(200);
});

test("what is mistyped does not reach the database; what was looked up is known for a while", async () => {
    let lookups = 0;
    class Counting extends ApiKeyRepository {
        override async findAlive(hash: string) {
            lookups += 1;
            return super.findAlive(hash);
        }
    }
    const service = new ApiKeyService(new Counting(database), systemClock);
    const { key } = await make();
    const mistyped = `${key.slice(0, 20)}${key[20] === "a" ? "b" : "a"}${key.slice(21)}`;
    for (const text of [mistyped, `${key}x`, key.replace("live", "test"), "ck_live_", ""]) {
        expect(isApiKeyText(text)).toBe(false);
        await expect(service.authenticate(text)).rejects.toMatchObject({ code: "API_KEY_INVALID" });
    }
    expect(lookups).toBe(0);
    await service.authenticate(key);
    await service.authenticate(key);
    expect(lookups).toBe(1);
});

test("a key is a caller of its own to idempotency: it is not told its maker's answers", async () => {
    const headers = { "idempotency-key": randomUUID() };
    const json = { name: "Tea for two", definition: {} };
    const { key } = await make({ scopes: ["campaigns:write"] });
    const first = await ada("POST", `${path}/campaigns`, { json, headers });
    const keys = await withKey(key)("POST", `${path}/campaigns`, { json, headers });
    const again = await withKey(key)("POST", `${path}/campaigns`, { json, headers });
    expect(first.headers.get("idempotent-replayed")).toBeNull();
    expect(keys.headers.get("idempotent-replayed")).toBeNull();
    expect(again.headers.get("idempotent-replayed")).toBe("true");
});

test.each([
    ["an unknown scope", { scopes: ["everything"] }],
    ["no scope", { scopes: [] }],
    ["no name", { name: "" }],
    ["another mode", { mode: "demo" }],
])("a key with %s is not made", async (_, change) => {
    expect((await make(change)).error).toMatchObject({ code: "INVALID_REQUEST", status: 400 });
});

test("the dashboard's cookie takes no session of another kind", async () => {
    const { seal } = await import("@/api/seal");
    const { session } = await AuthContext.services.sessions.open({
        wallet: tea.ada,
        credentialId: "a-passkey",
        userAgent: null,
    });
    const cookie = `businessSession=${await seal({ wallet: tea.ada, sid: session.id })}`;
    const { status, body } = await ask("GET", path, { headers: { cookie } });
    expect([status, body.error.code]).toEqual([401, "AUTH_REQUIRED"]);
});

test("logout ends the session, whoever kept its cookie", async () => {
    const leaving = await signedIn(tea.ada);
    expect((await leaving("GET", path)).status).toBe(200);
    expect((await leaving("POST", "/business/v1/auth/logout")).status).toBe(204);
    const { status, body } = await leaving("GET", path);
    expect([status, body.error.code]).toEqual([401, "SESSION_ENDED"]);
});
