import { eq } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { IdentityContext } from "@/domain/identity";
import { purchases } from "@/domain/purchases/db/schema";
import { database } from "@/infrastructure/persistence/postgres";
import { OrchestrationContext } from "@/orchestration";
import { rewardsOf } from "../fixtures/inbox";
import { buys, newClient, newOrderId, type Tea, teaStory } from "../fixtures/tea";

const { identities } = IdentityContext.services;
const { purchaseClaim } = OrchestrationContext;

const orderOf = async ({ merchantId }: Tea, id: string) =>
    (
        await database.current.select().from(purchases).where(eq(purchases.merchantId, merchantId))
    ).find(({ externalId }) => externalId === id);
const groupOf = async ({ key }: Tea["cleo"]) => (await identities.find([key]))[0];

describe("whose an order is", () => {
    test("says the customer, once one order told whose customer that is", async () => {
        const tea = await teaStory();
        const [first, second] = [newOrderId(), newOrderId()];
        await buys(tea, { id: first, clientId: tea.cleo.clientId, customerId: "77" });
        await buys(tea, { id: second, customerId: "77" });
        expect(await orderOf(tea, second)).toMatchObject({
            groupId: await groupOf(tea.cleo),
            linkedBy: "customer",
        });
    });

    test("says the e-mail address, where nothing better does", async () => {
        const tea = await teaStory();
        const [first, second] = [newOrderId(), newOrderId()];
        await buys(tea, { id: first, clientId: tea.cleo.clientId, email: "Cleo@example.com" });
        await buys(tea, { id: second, email: "cleo@example.com " });
        expect(await orderOf(tea, second)).toMatchObject({ groupId: await groupOf(tea.cleo) });
    });

    test("an e-mail address that somebody typed makes nobody one with its owner", async () => {
        const tea = await teaStory();
        const mallory = newClient(tea.merchantId);
        const email = "cleo@example.com";
        await buys(tea, { id: newOrderId(), clientId: tea.cleo.clientId, email });
        await buys(tea, { id: newOrderId(), clientId: mallory.clientId, email });
        expect(await groupOf(mallory)).not.toBe(await groupOf(tea.cleo));
    });

    test("says nobody: it waits, and a claim links it", async () => {
        const tea = await teaStory();
        const id = newOrderId();
        await buys(tea, { id, customerId: "78", email: "new@example.com" });
        expect(await orderOf(tea, id)).toMatchObject({ groupId: null, linkedBy: null });
    });

    test("says Ben's code: somebody whom Ben told, and Ben is rewarded", async () => {
        const tea = await teaStory();
        const id = newOrderId();
        await buys(tea, { id, customerId: "79", codes: [tea.code] });
        const order = await orderOf(tea, id);
        expect(order).toMatchObject({ linkedBy: "code", codes: [tea.code] });
        expect(order?.groupId).not.toBe(await groupOf(tea.ben));
        expect((await rewardsOf(tea.merchantId)).map(({ recipient }) => recipient).sort()).toEqual([
            "referee",
            "referrer",
        ]);
    });

    test("says the address that the buyer landed on, of which only what we know is kept", async () => {
        const tea = await teaStory();
        const id = newOrderId();
        const landingSite = `/tea?ref=${tea.code}&utm_source=share&name=Cleo`;
        await buys(tea, { id, customerId: "80", landingSite });
        expect(await orderOf(tea, id)).toMatchObject({
            linkedBy: "landing",
            landingUrl: `/tea?ref=${tea.code}&utm_source=share`,
        });
        expect(await rewardsOf(tea.merchantId)).toHaveLength(2);
    });

    test("say two browsers: who both prove it are one person", async () => {
        const tea = await teaStory();
        const phone = newClient(tea.merchantId);
        const id = newOrderId();
        await buys(tea, { id, clientId: tea.cleo.clientId, token: "cleos-token" });
        const claim = { merchantId: tea.merchantId, orderId: id, token: "cleos-token" };
        await purchaseClaim.claim({ ...claim, claimant: phone.key });
        expect(await groupOf(phone)).toBe(await groupOf(tea.cleo));
    });

    test("say a claim that came first and the browser of the order: they are one person", async () => {
        const tea = await teaStory();
        const phone = newClient(tea.merchantId);
        const id = newOrderId();
        const claim = { merchantId: tea.merchantId, orderId: id, token: "cleos-token" };
        await purchaseClaim.claim({ ...claim, claimant: phone.key });
        await buys(tea, { id, clientId: tea.cleo.clientId, token: "cleos-token" });
        expect(await groupOf(phone)).toBe(await groupOf(tea.cleo));
        expect(await orderOf(tea, id)).toMatchObject({ linkedBy: "claim" });
        expect(await rewardsOf(tea.merchantId)).toHaveLength(2);
    });
});
