import { randomUUID } from "node:crypto";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { createSiweMessage } from "viem/siwe";
import { afterAll, beforeAll, expect, test } from "vitest";
import { shopifyOrder, signed } from "@/api/demo/shopifyOrder";
import { identityMailCodes } from "@/domain/identity/db/schema";
import { config } from "@/infrastructure/config";
import { database } from "@/infrastructure/persistence/postgres";
import { MailServer } from "../fixtures/MailServer";
import { eventually, Server } from "../fixtures/Server";
import { SoftwareAuthenticator } from "../fixtures/SoftwareAuthenticator";
import { newOrderId } from "../fixtures/tea";

let mails: MailServer;
let server: Server;
beforeAll(async () => {
    mails = await MailServer.start();
    server = await Server.start({ LOG_LEVEL: "trace", ...mails.environment });
}, 60_000);
afterAll(() => Promise.all([server.stop(), mails.stop()]));

/** Everything that must not be printed, by what it is. */
const secrets = new Map<string, string>();
function isSecret<T extends string>(name: string, value: T): T {
    expect(value.length, name).toBeGreaterThanOrEqual(6);
    secrets.set(name, value);
    return value;
}

type Asked = { json?: unknown; body?: string; headers?: Record<string, string>; method?: string };
// biome-ignore lint/suspicious/noExplicitAny: what an answer holds is what a test is about
type Told = { status: number; cookies: string[]; body: any };

async function asks(path: string, { json, body, headers = {}, method = "POST" }: Asked = {}) {
    const sent = body ?? (json ? JSON.stringify(json) : undefined);
    const response = await fetch(`${server.url}${path}`, {
        method,
        headers: { ...(json ? { "content-type": "application/json" } : {}), ...headers },
        ...(sent === undefined ? {} : { body: sent }),
    });
    const text = await response.text();
    const told: Told = {
        status: response.status,
        cookies: response.headers.getSetCookie().map((cookie) => cookie.split(";")[0] ?? ""),
        body: text ? JSON.parse(text) : undefined,
    };
    return told;
}

/** A wallet is made, signed in to, refreshed, and refreshed once more by a thief. */
async function wallet(): Promise<Record<string, string>> {
    const { body: asked } = await asks("/wallet/v1/auth/challenge", {
        json: { purpose: "register" },
    });
    const userHandle = Buffer.from(asked.user.id, "base64url");
    const phone = new SoftwareAuthenticator({ origin: server.url, userHandle });
    const credential = phone.register(asked.challenge);
    const made = await asks("/wallet/v1/auth/register", {
        json: { challengeId: asked.challengeId, credential },
        headers: { "idempotency-key": isSecret("idempotency key", `key-${randomUUID()}`) },
    });
    keepTokens("registration", made);

    const { body: again } = await asks("/wallet/v1/auth/challenge", { json: { purpose: "login" } });
    const assertion = phone.authenticate(again.challenge);
    isSecret("assertion", assertion.response.signature);
    const json = { challengeId: again.challengeId, credential: assertion };
    const signedIn = await asks("/wallet/v1/auth/login", { json });
    keepTokens("login", signedIn);
    expect((await asks("/wallet/v1/auth/login", { json })).status).toBe(400);

    const { refreshToken } = signedIn.body;
    const refreshed = await asks("/wallet/v1/auth/refresh", { json: { refreshToken } });
    keepTokens("refresh", refreshed);
    const token = isSecret("garbled token", `${refreshed.body.accessToken}garbled`);
    await asks("/wallet/v1/auth/session", { method: "GET", headers: { "x-wallet-auth": token } });
    const stolen = { refreshToken: made.body.refreshToken };
    expect((await asks("/wallet/v1/auth/refresh", { json: stolen })).status).toBe(200);
    expect((await asks("/wallet/v1/auth/refresh", { json: stolen })).status).toBe(401);
    return { "x-wallet-auth": refreshed.body.accessToken };
}

function keepTokens(name: string, { status, body }: Told): void {
    expect(status, name).toBeLessThan(300);
    isSecret(`${name}: access token`, body.accessToken);
    isSecret(`${name}: refresh token`, body.refreshToken);
    isSecret(`${name}: SDK token`, body.sdk.token);
}

/** Somebody signs in to the dashboard. */
async function dashboard(account = privateKeyToAccount(generatePrivateKey())) {
    const { body, cookies } = await asks("/business/v1/auth/nonce");
    const preSession = cookies.join("; ");
    isSecret("pre-session cookie", preSession.split("=")[1] ?? "");
    const { nonce, domain, uri, chainId } = body;
    const { address } = account;
    const said = { address, nonce, domain, uri, chainId, issuedAt: new Date() };
    const message = createSiweMessage({ ...said, version: "1" });
    const signature = isSecret("SIWE signature", await account.signMessage({ message }));
    const asked = { json: { message, signature }, headers: { cookie: preSession } };
    const signedIn = await asks("/business/v1/auth/login", asked);
    expect(signedIn.status).toBe(200);
    expect((await asks("/business/v1/auth/login", asked)).status).toBe(401);
    const cookie = signedIn.cookies.find((one) => one.startsWith("businessSession=")) ?? "";
    isSecret("session cookie", cookie.split("=")[1] ?? "");
    return { cookie };
}

/** Her shop: a key, a webhook with its secret, an order that is signed well and one that is not. */
async function shop(headers: Record<string, string>): Promise<string> {
    const domain = `${randomUUID()}.localhost`;
    const made = await asks("/business/v1/merchants", { headers, json: { name: "Tea", domain } });
    expect(made.status).toBe(201);
    const merchantId: string = made.body.id;
    const path = `/business/v1/merchants/${merchantId}`;
    const asked = { name: "Till", scopes: ["campaigns:read"], mode: "live" };
    const { body: key } = await asks(`${path}/api-keys`, { headers, json: asked });
    const bearer = (text: string) => ({
        headers: { authorization: `Bearer ${text}` },
        method: "GET",
    });
    expect((await asks(`${path}/campaigns`, bearer(isSecret("API key", key.key)))).status).toBe(
        200
    );
    await asks(
        `${path}/campaigns`,
        bearer(isSecret("unknown API key", `ck_live_${"a".repeat(49)}`))
    );

    const { body: webhook } = await asks(`${path}/webhooks/shopify`, {
        headers,
        method: "PUT",
        json: { secret: isSecret("webhook secret", `${randomUUID()}-of-the-shop`) },
    });
    const email = isSecret("a buyer's address", "buyer@example.com");
    for (const secret of [webhook.secret, "another secret of 24 characters"]) {
        const order = signed(shopifyOrder({ id: newOrderId(), email }), secret);
        isSecret(
            `signature by ${secret.slice(0, 4)}`,
            order.headers["x-shopify-hmac-sha256"] ?? ""
        );
        await asks(`/external/v1/merchants/${merchantId}/webhooks/shopify`, order);
    }
    await asks(`${path}/webhooks/shopify`, {
        headers,
        method: "PUT",
        body: `{"secret": "${webhook.secret}`,
    });
    return merchantId;
}

/** A browser's code is typed into the wallet; its mailbox is proved while the mail server comes and goes. */
async function person(headers: Record<string, string>, merchantId: string): Promise<void> {
    const browser = { "x-client-id": isSecret("client id", randomUUID()) };
    const json = { merchantId };
    const asked = await asks("/wallet/v1/identity/install-codes", { headers: browser, json });
    const code = isSecret("install code", asked.body.code);
    const redeem = { headers, json: { code } };
    expect((await asks("/wallet/v1/identity/install-codes/redeem", redeem)).status).toBe(200);
    expect((await asks("/wallet/v1/identity/install-codes/redeem", redeem)).status).toBe(404);

    const email = isSecret("mail address", "cleo.of.the.tea@example.com");
    await mails.stop();
    expect((await asks("/wallet/v1/identity/email", { headers, json: { email } })).status).toBe(
        202
    );
    await eventually(async () => {
        const [waiting] = await database.current.select().from(identityMailCodes);
        return waiting?.lastError?.startsWith("The mail server") ?? false;
    });
    await mails.resume();
    await eventually(async () => mails.to(email).length > 0);
    const mailCode = isSecret("one-time code", mails.to(email)[0]?.code ?? "");
    const proof = { headers, json: { email, code: mailCode } };
    expect((await asks("/wallet/v1/identity/email/verify", proof)).status).toBe(200);
    expect((await asks("/wallet/v1/identity/email/verify", proof)).status).toBe(400);
}

test("nothing that opens anything, and nobody's address, is ever printed, however much is", async () => {
    const holder = await wallet();
    const merchantId = await shop(await dashboard());
    await person(holder, merchantId);
    for (const key of [...config.SESSION_SECRETS, ...config.ENCRYPTION_KEYS, config.MASTER_KEY]) {
        isSecret(`configured ${key.slice(0, 4)}`, key);
    }
    for (const { kid, d = "" } of config.JWT_KEYS) isSecret(`key ${kid}`, d);
    await server.stop();

    const { printed } = server;
    for (const route of ["auth/refresh", "auth/login", "identity/email", "webhooks/shopify"]) {
        expect(printed).toContain(route);
    }
    expect(printed).toContain("a mail could not be sent");
    expect(printed.split("\n").length).toBeGreaterThan(25);
    const found = [...secrets].filter(([, value]) => printed.includes(value));
    expect(found.map(([name]) => name)).toEqual([]);
}, 90_000);
