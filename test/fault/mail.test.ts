import { afterAll, beforeAll, expect, test } from "vitest";
import { identityMailCodes } from "@/domain/identity/db/schema";
import { database } from "@/infrastructure/persistence/postgres";
import { MailServer } from "../fixtures/MailServer";
import { eventually, Server } from "../fixtures/Server";
import { WalletHolder } from "../fixtures/story/WalletHolder";

const url = "http://localhost:3030";
const email = "cleo@example.com";
let mails: MailServer;
let servers: Server[];
beforeAll(async () => {
    mails = await MailServer.start();
    const address = { PUBLIC_URL: url, WEBAUTHN_ORIGINS: url, ...mails.environment };
    servers = await Promise.all([Server.start(address), Server.start(address)]);
}, 60_000);
afterAll(() => Promise.all([...servers, mails].map((one) => one.stop())));

test("a code that the mail server was not there for comes when it is back, once, from two processes", async () => {
    const cleo = await WalletHolder.signUp();
    const asks = (path: string, json: object) =>
        fetch(`${servers[0]?.url}/wallet/v1/identity/email${path}`, {
            method: "POST",
            headers: { ...cleo.headers, "content-type": "application/json" },
            body: JSON.stringify(json),
        });
    await mails.stop();
    expect((await asks("", { email })).status).toBe(202);
    await eventually(async () => {
        const [code] = await database.current.select().from(identityMailCodes);
        return code?.lastError === "The mail server did not take it: ESOCKET";
    });
    await mails.resume();
    await eventually(async () => mails.to(email).length > 0);

    const [mail] = mails.to(email);
    expect((await asks("/verify", { email, code: mail?.code })).status).toBe(200);
    expect(mails.to(email)).toHaveLength(1);
}, 60_000);
