import { afterAll, afterEach, describe, expect, test } from "vitest";
import { freePort } from "@/infrastructure/embedded/freePort";
import { seconds } from "@/utils/time";
import { MongoServer } from "../fixtures/MongoServer";
import { Relay } from "../fixtures/Relay";
import { eventually, Server } from "../fixtures/Server";
import { SoftwareAuthenticator } from "../fixtures/SoftwareAuthenticator";

const mongo = await MongoServer.start();
afterAll(() => mongo?.remove());

let server: Server;
afterEach(() => server.stop());

const startOn = (port: number) =>
    Server.start({ MONGODB_URI: `mongodb://127.0.0.1:${port}/passkeys`, ROLE: "api" });

// biome-ignore lint/suspicious/noExplicitAny: what an answer holds is what a test is about
type Told = { status: number; headers: Headers; body: any };

async function asks(path: string, json: object): Promise<Told> {
    const response = await fetch(`${server.url}/wallet/v1/auth${path}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(json),
        // Within the seconds that the connection may take to notice.
        signal: AbortSignal.timeout(seconds(9)),
    });
    return { status: response.status, headers: response.headers, body: await response.json() };
}

async function registers(): Promise<{ phone: SoftwareAuthenticator; told: Told }> {
    const { body } = await asks("/challenge", { purpose: "register" });
    const userHandle = Buffer.from(body.user.id, "base64url");
    const phone = new SoftwareAuthenticator({ origin: server.url, userHandle });
    const { challengeId, challenge } = body;
    const credential = phone.register(challenge);
    return { phone, told: await asks("/register", { challengeId, credential }) };
}

async function signsIn(phone: SoftwareAuthenticator): Promise<Told> {
    const { body } = await asks("/challenge", { purpose: "login" });
    const credential = phone.authenticate(body.challenge);
    return asks("/login", { challengeId: body.challengeId, credential });
}

async function isUnavailable(asking: () => Promise<Told>): Promise<void> {
    const { status, headers, body } = await asking();
    expect([status, body.error.code]).toEqual([503, "MONGODB_UNAVAILABLE"]);
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
    expect(body.error.message).not.toMatch(/mongodb:|127\.0\.0\.1/);
}

describe("passkeys in a MongoDB", () => {
    test("that was never there: nobody makes a wallet, and is told so soon", async () => {
        server = await startOn(await freePort());
        await isUnavailable(async () => (await registers()).told);
    });

    if (mongo) {
        test("that goes and comes back: nobody signs in meanwhile, and everybody after it, without a restart", async () => {
            const relay = await Relay.start(mongo.port);
            server = await startOn(relay.port);
            const { phone, told } = await registers();
            expect(told.status).toBe(201);
            for (const _ of ["once", "twice"]) {
                expect((await signsIn(phone)).status).toBe(200);
                await relay.cut();
                await isUnavailable(() => signsIn(phone));
                await isUnavailable(() => signsIn(phone));
                await relay.mend();
                await eventually(async () => (await signsIn(phone)).status === 200, seconds(10));
            }
            await relay.cut();
        }, 90_000);
    } else {
        process.stdout.write("No mongod on the path: its outage was NOT seen over HTTP\n");
    }
});
