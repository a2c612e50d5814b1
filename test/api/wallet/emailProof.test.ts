import { randomInt } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { afterAll, describe, expect, test, vi } from "vitest";

const mailServer = await vi.hoisted(async () => {
    const { MailServer } = await import("../../fixtures/MailServer");
    const server = await MailServer.start();
    Object.assign(process.env, server.environment);
    return server;
});
afterAll(() => mailServer.stop());

import { IdentityContext, type NodeKey } from "@/domain/identity";
import { identityMailCodes, identityMerges } from "@/domain/identity/db/schema";
import { purchases } from "@/domain/purchases/db/schema";
import { database } from "@/infrastructure/persistence/postgres";
import { OrchestrationContext } from "@/orchestration";
import type { GroupId } from "@/utils/ids";
import type { Answer } from "../../fixtures/api";
import { rewardsOf } from "../../fixtures/inbox";
import { type Holder, signUp } from "../../fixtures/signUp";
import { buys, newClient, newOrderId, type Tea, teaStory } from "../../fixtures/tea";

const { identities, personalValues } = IdentityContext.services;
const { codeMailing, purchaseClaim } = OrchestrationContext;

const path = "/wallet/v1/identity/email";
const newAddress = () => `cleo.${randomInt(1e12)}@example.com`;
const codeOf = ({ body }: Answer) => body.error?.code;
const walletKey = ({ wallet }: Holder) => identities.keyOf({ kind: "wallet", wallet });
const groupOf = async (key: NodeKey) => (await identities.find([key]))[0];
const ordersOf = ({ merchantId }: Tea) =>
    database.current.select().from(purchases).where(eq(purchases.merchantId, merchantId));
const mailCodes = () => database.current.select().from(identityMailCodes);

const asks = (holder: Holder, email: string) => holder.ask("POST", path, { json: { email } });
const verifies = (holder: Holder, email: string, code: string) =>
    holder.ask("POST", `${path}/verify`, { json: { email, code } });

/** The code that arrives in the mailbox. */
async function received(holder: Holder, email: string): Promise<string> {
    expect((await asks(holder, email)).status).toBe(202);
    await codeMailing.sendDue();
    return mailServer.to(email)[0]?.code ?? "";
}

async function proves(holder: Holder, email: string): Promise<void> {
    const { body } = await verifies(holder, email, await received(holder, email));
    expect(body).toEqual({ status: "verified" });
}

const wrong = (code: string) => String((Number(code) + 1) % 1_000_000).padStart(6, "0");

describe("a mail address", () => {
    test("is the wallet's once it says the code that was sent there, and is kept under a key of theirs", async () => {
        const [cleo, email] = [await signUp(), newAddress()];
        await proves(cleo, email);

        const { body, text } = await cleo.ask("GET", "/wallet/v1/identity/me");
        const nodes = body.nodes.filter(({ kind }: { kind: string }) => kind === "email");
        expect(nodes).toEqual([
            expect.objectContaining({ merchantId: null, verifiedAt: expect.any(String) }),
        ]);
        expect(text).not.toContain(email);
        const groupId = (await groupOf(walletKey(cleo))) as GroupId;
        expect(await personalValues.reveal(groupId)).toEqual([email]);
        expect(JSON.stringify(await mailCodes())).not.toContain(email);
        expect(JSON.stringify(await database.current.select().from(identityMerges))).not.toContain(
            email
        );
    });

    test("gets one short mail, to the address in the one spelling that is proved", async () => {
        const [cleo, email] = [await signUp(), newAddress()];
        const typed = email.replace("cleo", "Cleo");
        expect((await asks(cleo, typed)).status).toBe(202);
        expect(
            await database.rows(sql`select 1 from graphile_worker.jobs where key = 'sendMailCodes'`)
        ).toHaveLength(1);
        await codeMailing.sendDue();
        await codeMailing.sendDue();
        const [mail, ...more] = mailServer.to(email);
        expect(more).toEqual([]);
        expect(mail?.text).toMatch(/^Subject: \d{6} is your code for Commend/m);
        expect(mail?.text).toMatch(/^Message-ID: <[\da-f-]{36}@commend.example>/m);
        expect((await verifies(cleo, typed, mail?.code ?? "")).status).toBe(200);
    });

    test("that is known gets the same answer as one that is not, or that nobody has", async () => {
        const [cleo, known] = [await signUp(), newAddress()];
        await proves(await signUp(), known);
        const answers = [];
        for (const email of [known, newAddress(), "nobody@example.com"]) {
            const { status, body } = await asks(cleo, email);
            answers.push([status, Object.keys(body)]);
        }
        expect(answers).toEqual(Array(3).fill([202, ["expiresAt"]]));
    });

    test("that the mail server refuses is not tried again", async () => {
        await asks(await signUp(), "nobody@example.com");
        await codeMailing.sendDue();
        const refused = (await mailCodes()).filter(({ lastError }) => lastError === "Refused");
        expect(refused.map(({ sealedAddress }) => sealedAddress)).toContain(null);
        expect(refused.filter(({ sealedAddress }) => sealedAddress)).toEqual([]);
    });

    test("gets its mail from somebody else when who was to send it died on the way", async () => {
        const [cleo, email] = [await signUp(), newAddress()];
        await asks(cleo, email);
        const { mailCodes: codes } = IdentityContext.services;
        expect(await codes.takeDue(10)).toMatchObject([{ address: email }]);
        await codeMailing.sendDue();
        expect(mailServer.to(email)).toEqual([]);
        await database.current.execute(
            sql`update identity_mail_codes set due_at = due_at - interval '1 minute'`
        );
        await codeMailing.sendDue();
        expect((await verifies(cleo, email, mailServer.to(email)[0]?.code ?? "")).status).toBe(200);
    });

    test("is nobody's for being asked for: who proves it has it, and who is forgotten leaves it free", async () => {
        const [mallory, cleo, email] = [await signUp(), await signUp(), newAddress()];
        await received(mallory, email);
        const { body } = await mallory.ask("GET", "/wallet/v1/identity/me");
        expect(body.nodes.map(({ kind }: { kind: string }) => kind)).toEqual(["wallet"]);
        await proves(cleo, email);
        await cleo.stepUp();
        await cleo.ask("DELETE", "/wallet/v1/identity/me");
        await OrchestrationContext.erasure.eraseDue();
        await proves(await signUp(), email);
    });

    test("that another wallet has proved stays that wallet's", async () => {
        const email = newAddress();
        await proves(await signUp(), email);
        const mallory = await signUp();
        const refused = await verifies(mallory, email, await received(mallory, email));
        expect([refused.status, codeOf(refused)]).toEqual([409, "WALLET_CONFLICT"]);
    });

    test("that the wallet has proved already is its own again, with one key", async () => {
        const [cleo, email] = [await signUp(), newAddress()];
        await proves(cleo, email);
        await proves(cleo, email);
        expect(await personalValues.reveal((await groupOf(walletKey(cleo))) as GroupId)).toEqual([
            email,
        ]);
    });
});

describe("a code", () => {
    test("is good once, however many say it at once", async () => {
        const [cleo, email] = [await signUp(), newAddress()];
        const code = await received(cleo, email);
        const answers = await Promise.all(
            Array.from({ length: 4 }, () => verifies(cleo, email, ` ${code} `))
        );
        expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
        expect(answers.filter((one) => codeOf(one) === "CODE_INVALID")).toHaveLength(3);
    });

    test("is dead after five guesses, and the right one is told nothing else", async () => {
        const [cleo, email] = [await signUp(), newAddress()];
        const code = await received(cleo, email);
        const answers = await Promise.all(
            Array.from({ length: 5 }, () => verifies(cleo, email, wrong(code)))
        );
        const late = await verifies(cleo, email, code);
        const unasked = await verifies(cleo, newAddress(), code);
        for (const answer of [...answers, late, unasked]) {
            expect([answer.status, answer.body.error.message]).toEqual([
                400,
                unasked.body.error.message,
            ]);
        }
    });

    test("is good for its address and its wallet alone, and the last that was asked for", async () => {
        const [cleo, ben, email] = [await signUp(), await signUp(), newAddress()];
        const first = await received(cleo, email);
        const second = await received(cleo, email);
        expect(codeOf(await verifies(cleo, email, first))).toBe("CODE_INVALID");
        expect(codeOf(await verifies(ben, email, second))).toBe("CODE_INVALID");
        expect(codeOf(await verifies(cleo, newAddress(), second))).toBe("CODE_INVALID");
        expect((await verifies(cleo, email, second)).status).toBe(200);
    });

    test("is over after ten minutes, and a mail that is late is not sent any more", async () => {
        const [cleo, email] = [await signUp(), newAddress()];
        const { body } = await asks(cleo, email);
        const minutes = (Date.parse(body.expiresAt) - Date.now()) / 60_000;
        expect(Math.round(minutes)).toBe(10);
        const code = await received(cleo, email);
        await asks(cleo, newAddress());
        await database.current.execute(
            sql`update identity_mail_codes set expires_at = now() - interval '1 second'`
        );
        const before = mailServer.mails.length;
        await codeMailing.sendDue();
        expect(mailServer.mails).toHaveLength(before);
        expect(codeOf(await verifies(cleo, email, code))).toBe("CODE_INVALID");
    });

    test("is sent five times an hour to a wallet, and to an address whoever asks", async () => {
        const [cleo, email] = [await signUp(), newAddress()];
        const answers = [];
        for (let asked = 0; asked < 6; asked++) answers.push(await asks(cleo, newAddress()));
        const holders = await Promise.all(Array.from({ length: 6 }, () => signUp()));
        const there = await Promise.all(holders.map((holder) => asks(holder, email)));
        for (const all of [answers, there]) {
            const refused = all.filter(({ status }) => status === 429);
            expect(refused.map(codeOf)).toEqual(["RATE_LIMITED"]);
            expect(Number(refused[0]?.headers.get("retry-after"))).toBeGreaterThan(0);
        }
    });
});

describe("what was bought with an address", () => {
    test("is the mailbox's owner's where it was nobody's, at every shop, and earns", async () => {
        const [tea, coffee] = [await teaStory(), await teaStory()];
        const [cleo, email] = [await signUp(), newAddress()];
        await buys(tea, { id: newOrderId(), email, customerId: "81" });
        await buys(coffee, { id: newOrderId(), email, codes: [coffee.code] });
        expect(await ordersOf(tea)).toMatchObject([{ groupId: null }]);

        await proves(cleo, email);
        await OrchestrationContext.evaluation.evaluateDue();
        const groupId = await groupOf(walletKey(cleo));
        for (const shop of [tea, coffee]) {
            expect(await ordersOf(shop)).toMatchObject([{ groupId, linkedBy: "email" }]);
        }
        const mine = (await rewardsOf(coffee.merchantId)).filter((one) => one.groupId === groupId);
        expect(mine).toMatchObject([{ recipient: "referee", wallet: cleo.wallet }]);
        const reasons = await database.current
            .select()
            .from(identityMerges)
            .where(eq(identityMerges.winnerId, groupId as GroupId));
        expect(reasons.map(({ reason }) => reason)).toContain("verifiedEmail");
    });

    test("earns what it would have earned, had it been known whose it is", async () => {
        const [tea, cleo, email] = [await teaStory(), await signUp(), newAddress()];
        await cleo.ask("POST", "/wallet/v1/identity/ensure", {
            json: { merchantId: tea.merchantId },
            headers: { "x-client-id": tea.cleo.clientId },
        });
        await buys(tea, { id: newOrderId(), email });
        expect(await rewardsOf(tea.merchantId)).toEqual([]);
        await proves(cleo, email);
        await OrchestrationContext.evaluation.evaluateDue();
        const earned = (await rewardsOf(tea.merchantId)).map(({ recipient }) => recipient);
        expect(earned.toSorted()).toEqual(["referee", "referrer"]);
    });

    test("is nobody's still where it is too old to be claimed", async () => {
        const [tea, cleo, email] = [await teaStory(), await signUp(), newAddress()];
        await buys(tea, { id: newOrderId(), email });
        await database.current
            .update(purchases)
            .set({ createdAt: sql`now() - interval '31 days'` })
            .where(eq(purchases.merchantId, tea.merchantId));
        await proves(cleo, email);
        expect(await ordersOf(tea)).toMatchObject([{ groupId: null }]);
    });

    test("is theirs from then on, at a shop that knows them not", async () => {
        const [tea, cleo, email] = [await teaStory(), await signUp(), newAddress()];
        await proves(cleo, email);
        await buys(tea, { id: newOrderId(), email: email.toUpperCase(), customerId: "82" });
        expect(await ordersOf(tea)).toMatchObject([{ groupId: await groupOf(walletKey(cleo)) }]);
    });

    test("stays with the browser that bought it, though somebody typed the address there first", async () => {
        const [tea, cleo, email] = [await teaStory(), await signUp(), newAddress()];
        const mallory = newClient(tea.merchantId);
        await buys(tea, { id: newOrderId(), email, clientId: mallory.clientId });
        await proves(cleo, email);
        expect(await groupOf(mallory.key)).not.toBe(await groupOf(walletKey(cleo)));
        expect(await ordersOf(tea)).toMatchObject([{ groupId: await groupOf(mallory.key) }]);

        await buys(tea, { id: newOrderId(), email });
        const orders = await ordersOf(tea);
        expect(orders.map(({ groupId }) => groupId)).toContain(await groupOf(walletKey(cleo)));
    });

    test("does not let its buyer in: neither by the order's token, nor by a later word of the shop's", async () => {
        const [tea, cleo, email] = [await teaStory(), await signUp(), newAddress()];
        const mallory = newClient(tea.merchantId);
        const [first, second, third] = [newOrderId(), newOrderId(), newOrderId()];
        const token = "a-token-of-mallorys";
        await buys(tea, { id: first, email, token });
        await buys(tea, { id: second, email, token, codes: [tea.code], customerId: "83" });
        await proves(cleo, email);
        const owner = await groupOf(walletKey(cleo));
        expect((await ordersOf(tea)).map(({ groupId }) => groupId)).toEqual([owner, owner]);

        for (const orderId of [first, second]) {
            const claim = { merchantId: tea.merchantId, orderId, token };
            await purchaseClaim.claim({ ...claim, claimant: mallory.key });
        }
        await buys(tea, { id: first, email, token, clientId: mallory.clientId });
        await buys(tea, { id: third, customerId: "83", clientId: mallory.clientId });
        const theirs = await groupOf(mallory.key);
        expect(theirs).not.toBe(owner);
        const orders = await ordersOf(tea);
        expect(orders.find(({ externalId }) => externalId === third)?.groupId).toBe(theirs);
    });

    test("does not say whose customer its buyer is", async () => {
        const [tea, cleo, email] = [await teaStory(), await signUp(), newAddress()];
        await proves(cleo, email);
        const mallory = newClient(tea.merchantId);
        await buys(tea, { id: newOrderId(), email, customerId: "84" });
        await buys(tea, { id: newOrderId(), customerId: "84", clientId: mallory.clientId });
        expect(await groupOf(mallory.key)).not.toBe(await groupOf(walletKey(cleo)));
    });
});
