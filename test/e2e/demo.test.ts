import { tmpdir } from "node:os";
import { join } from "node:path";
import ky from "ky";
import { type Browser, chromium, type Locator } from "playwright-core";
import { createPublicClient, type Hex, http } from "viem";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { createApp } from "@/app";
import { openDemoShop } from "../../scripts/development/openDemoShop";
import { useContracts } from "../fixtures/chain";
import { DemoVisit } from "../fixtures/DemoVisit";
import { findChromium } from "../fixtures/findChromium";
import { Server } from "../fixtures/Server";
import type { Reward } from "../fixtures/story/Person";

const executablePath = findChromium();
const missing = "Chromium is not installed (apt-get install chromium): the demo was not played";
/** As root in a container, and silent towards the world. */
const args = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];
const untilArrival = ["Create Ben's passkey", "Get Ben's link", "Follow Ben's link"];
const patience = { timeout: 20_000 };

test("the demo is not there but in development", async () => {
    const response = await createApp().handle(new Request("http://localhost:3030/demo"));

    expect(response.status).toBe(404);
});

describe("the demo", () => {
    let server: Server;
    let browser: Browser;
    let visit: DemoVisit;

    beforeAll(async () => {
        if (!executablePath && process.env["CI"]) throw new Error(missing);
        if (!executablePath) {
            process.stderr.write(`${missing}\n`);
            return;
        }
        await useContracts();
        server = await Server.start({ NODE_ENV: "development" });
        await openDemoShop();
        browser = await chromium.launch({ executablePath, args });
    }, 60_000);
    beforeEach(async ({ skip }) => {
        if (!executablePath) skip(missing);
        visit = await DemoVisit.begin(browser, server.url);
    });
    afterEach(() => visit?.end());
    afterAll(async () => {
        await browser?.close();
        await server?.stop();
    });

    const place = (selector: string): Locator => visit.page.locator(selector);
    const shown = async (selector: string): Promise<string> =>
        (await place(selector).textContent()) ?? "";
    const seen = (selector: string, text: string): Promise<void> =>
        place(selector).getByText(text).first().waitFor(patience);
    const paid = () => place("[data-station=paid][data-state=done]").waitFor(patience);
    const walletOf = (name: string) => shown(`#${name}-wallet .result code`);
    const transactionOf = (name: string) => shown(`#payout-${name} code`) as Promise<Hex>;

    test("plays the story until both are paid", async () => {
        const order = visit.page.waitForRequest("**/demo/orders");
        await visit.press(...untilArrival, "Create Cleo's passkey", "Buy as Cleo");
        await paid();

        expect(await shown("#payout-ben")).toContain("+ 3.20 TEST");
        expect(await shown("#payout-ben")).toContain("0.00 TEST → 3.20 TEST");
        expect(await shown("#payout-cleo")).toContain("0.00 TEST → 2.00 TEST");
        await seen("#ben .balance", "3.20 TEST");
        await seen("#shop .balance", "9,994.80 TEST");
        const why = await shown("#why");
        expect(why).toContain("The order's total is 64.00 USD; asked for is at least 20.00 USD.");
        expect(why).toContain("all the credit is his");
        expect(why).toContain("1 TEST costs 1 USD");
        expect(why).toContain("0.00 TEST used before, 5.20 TEST for this, 5.20 TEST used now");

        const wallet = ky.create({ prefix: `${server.url}/wallet/v1` });
        const heldBy = async (name: string) => {
            const held = await wallet
                .get(`balance/${await walletOf(name)}`)
                .json<{ balances: { amount: string }[] }>();
            return held.balances[0]?.amount;
        };
        expect([await heldBy("ben"), await heldBy("cleo")]).toEqual(["3200000", "2000000"]);
        const { merchantId } = await ky
            .get(`${server.url}/demo/shop`)
            .json<{ merchantId: string }>();
        const { clientId } = (await order).postDataJSON();
        const { items } = await wallet
            .get("rewards", { searchParams: { merchantId }, headers: { "x-client-id": clientId } })
            .json<{ items: Reward[] }>();
        const txHash = await transactionOf("cleo");
        expect(items).toMatchObject([{ role: "referee", status: "settled", txHash }]);
        const chain = createPublicClient({ transport: http(inject("rpcUrl")) });
        for (const hash of [txHash, await transactionOf("ben")]) {
            expect(await chain.getTransactionReceipt({ hash })).toMatchObject({
                status: "success",
            });
        }
        await photograph();
        expectNothingUntoward();
    }, 60_000);

    test("goes on when a passkey dialog was closed", async () => {
        await visit.agreeToPasskeys({ isUserVerified: false });
        await visit.press("Create Ben's passkey");
        await seen("#ben-wallet [role=alert]", "The passkey dialog was closed");

        await visit.agreeToPasskeys({ isUserVerified: true });
        await visit.press("Create Ben's passkey", "Get Ben's link");

        await seen("#ben-link .result", "https://tea.localhost/?ref=");
        expect(await shown("#ben-wallet [role=alert]")).toBe("");
        expectNothingUntoward();
    });

    test("knows a passkey again", async () => {
        await visit.press("Create Ben's passkey", "Sign in again with this passkey");

        await seen("#ben-wallet", "Signed in: the same wallet.");
        expectNothingUntoward();
    });

    test("pays who buys first and makes a wallet later", async () => {
        await visit.press(...untilArrival, "Buy as Cleo");
        await seen("#payout-ben", "paid");
        await seen("#payout-cleo", "waits for Cleo's wallet");
        await seen("#ben .balance", "3.20 TEST");

        await visit.press("Create Cleo's passkey");
        await paid();

        expect(await shown("#payout-cleo")).toContain("0.00 TEST → 2.00 TEST");
        expectNothingUntoward();
    }, 60_000);

    test("says why nothing is owed, and the next order may be another", async () => {
        await visit.press(...untilArrival);
        await visit.page.getByLabel("A cup to try").check();
        await visit.press("Buy as Cleo");

        await seen("#why", "Nothing is owed: the order is not what the campaign asks for.");
        await seen("#why [data-met=false]", "total is 12.00 USD; asked for is at least 20.00 USD");
        await visit.page.getByLabel("Tea for a year").check();
        await visit.press("Buy as Cleo");
        await seen("#payout-ben", "+ 20.00 TEST");
        expectNothingUntoward();
    }, 60_000);

    test("says so where passkeys cannot work", async () => {
        await visit.page.goto(`${server.url.replace("localhost", "127.0.0.1")}/demo`);
        await visit.press("Create Ben's passkey");

        await seen("#ben-wallet [role=alert]", "do not work at this address");
    });

    test("shows what the server refuses in the server's words", async () => {
        const elsewhere = `${server.url}/wallet/v1/referral/link?merchantId=${crypto.randomUUID()}`;
        const mislead = { times: 1 };
        await visit.page.route(
            "**/referral/link?*",
            (route) => route.continue({ url: elsewhere }),
            mislead
        );
        await visit.press("Create Ben's passkey", "Get Ben's link");

        await seen("#ben-link [role=alert]", "(MERCHANT_NOT_FOUND)");
        await visit.press("Get Ben's link");
        await seen("#ben-link .result", "https://tea.localhost/?ref=");
    });

    test("speaks for browsers that do not know WebAuthn's JSON", async () => {
        await visit.end();
        const oldBrowser = `
            delete PublicKeyCredential.parseCreationOptionsFromJSON;
            delete PublicKeyCredential.parseRequestOptionsFromJSON;
            delete PublicKeyCredential.prototype.toJSON;`;
        visit = await DemoVisit.begin(browser, server.url, oldBrowser);

        await visit.press("Create Ben's passkey", "Sign in again with this passkey");

        await seen("#ben-wallet", "Signed in: the same wallet.");
        expectNothingUntoward();
    });

    test("runs no script and no markup but its own", async () => {
        await visit.run(
            `document.head.append(Object.assign(document.createElement("script"), { text: "1" }))`
        );
        await visit.run(`document.body.innerHTML = "<p>Eve</p>"`);
        await visit.run(`fetch("http://127.0.0.1:9/eve")`);

        await expect.poll(() => visit.errors.length).toBeGreaterThanOrEqual(3);
        expect(await shown("h1")).toBe("A friend's word, rewarded");
    });

    function expectNothingUntoward(): void {
        expect(visit.foreignRequests).toEqual([]);
        expect(visit.errors).toEqual([]);
    }

    async function photograph(): Promise<void> {
        if (!process.env["DEMO_SCREENSHOT"]) return;
        const path = join(tmpdir(), `commend-demo-${Date.now()}.png`);
        await visit.page.screenshot({ path, fullPage: true });
        process.stdout.write(`Screenshot of the demo: ${path}\n`);
    }
});
