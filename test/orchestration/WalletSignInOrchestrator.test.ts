import { beforeEach, describe, expect, test } from "vitest";
import { IdentityContext } from "@/domain/identity";
import type { MerchantId } from "@/utils/ids";
import { ask } from "../fixtures/api";
import { challengeFor, WalletHolder } from "../fixtures/story/WalletHolder";
import { type Client, newClient, type Tea, teaStory } from "../fixtures/tea";

const { identities } = IdentityContext.services;

let tea: Tea;
let cleo: WalletHolder;
beforeEach(async () => {
    tea = await teaStory();
    cleo = await WalletHolder.signUp();
});

const groupOf = async ({ key }: Pick<Client, "key">) => (await identities.find([key]))[0];
const walletKey = (holder: WalletHolder) => ({
    key: identities.keyOf({ kind: "wallet", wallet: holder.session.wallet }),
});

async function signsInOn(holder: WalletHolder, merchantId: MerchantId, { clientId }: Client) {
    const { challengeId, challenge } = await challengeFor("login");
    const credential = holder.phone.authenticate(challenge);
    const json = { challengeId, credential, merchantId };
    const headers = { "x-client-id": clientId };
    return ask("POST", "/wallet/v1/auth/login", { headers, json });
}

describe("who signs in", () => {
    test("is a person from the first time on, and the same one ever after", async () => {
        const first = await groupOf(walletKey(cleo));
        expect(first).toBeDefined();
        await cleo.signIn();
        expect(await groupOf(walletKey(cleo))).toBe(first);
    });

    test("brings along what the browser on a shop's page did before", async () => {
        const { status } = await signsInOn(cleo, tea.merchantId, tea.cleo);
        expect(status).toBe(200);
        expect(await groupOf(tea.cleo)).toBe(await groupOf(walletKey(cleo)));
    });

    test("on a browser that is somebody else's is let in, and takes nothing from them", async () => {
        const ben = await WalletHolder.signUp();
        await signsInOn(ben, tea.merchantId, tea.cleo);
        expect((await signsInOn(cleo, tea.merchantId, tea.cleo)).status).toBe(200);
        expect(await groupOf(tea.cleo)).toBe(await groupOf(walletKey(ben)));
        expect(await groupOf(walletKey(cleo))).not.toBe(await groupOf(walletKey(ben)));
    });

    test("makes a person of a browser that nobody saw before", async () => {
        const browser = newClient(tea.merchantId);
        await signsInOn(cleo, tea.merchantId, browser);
        expect(await groupOf(browser)).toBe(await groupOf(walletKey(cleo)));
    });
});
