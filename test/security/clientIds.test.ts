import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { IdentityContext } from "@/domain/identity";
import { type Answer, askWith, signedIn } from "../fixtures/api";
import { signUp } from "../fixtures/signUp";
import { buys, newOrderId, teaStory } from "../fixtures/tea";

const { identities } = IdentityContext.services;

test("a client id is in no link and in no answer, and neither is what we know it by", async () => {
    const tea = await teaStory();
    const { merchantId, ben, cleo } = tea;
    const [holder, ada] = [await signUp(), await signedIn(tea.ada)];
    const browser = askWith({ "x-client-id": ben.clientId });
    const order = { id: newOrderId(), clientId: cleo.clientId, token: randomUUID() };
    await buys(tea, order);

    const json = { merchantId };
    const post = (path: string, more = {}) =>
        browser("POST", `/wallet/v1${path}`, { json: { ...json, ...more } });
    const code = await post("/identity/install-codes");
    const token = await post("/identity/merge-tokens");
    const shop = `/business/v1/merchants/${merchantId}`;
    const answers: Answer[] = [
        code,
        token,
        await holder.ask("POST", "/wallet/v1/identity/install-codes/redeem", {
            json: { code: code.body.code },
        }),
        await post("/identity/merge", { token: token.body.token }),
        await post("/track/arrival", { referralCode: tea.code }),
        await post("/track/share", { shareId: "a-share" }),
        await post("/track/purchase", { orderId: order.id, token: order.token }),
        ...(await Promise.all(
            [
                "/referral/link",
                "/referral/status",
                "/rewards",
                "/rewards/missing",
                "/identity/me",
                `/merchants/${merchantId}/offers`,
            ].map((path) => browser("GET", `/wallet/v1${path}?merchantId=${merchantId}`))
        )),
        await holder.ask("GET", "/wallet/v1/identity/me"),
        await ada("GET", `${shop}/purchases`),
        await ada("GET", `${shop}/rewards`),
        await ada("GET", `${shop}/webhook-deliveries`),
        await ada("GET", `${shop}/export/purchases.csv`),
        await ada("GET", `${shop}/export/rewards.csv`),
    ];

    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    const told = answers.map(({ text, headers }) => text + JSON.stringify([...headers])).join();
    for (const { clientId } of [ben, cleo]) {
        expect(told.toLowerCase()).not.toContain(clientId);
        expect(told).not.toContain(identities.clientLookup(clientId));
    }
});
