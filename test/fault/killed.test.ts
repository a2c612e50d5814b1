import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { campaignBudgets } from "@/domain/campaign/db/schema";
import { webhookDeliveries } from "@/domain/purchases/db/schema";
import { payments, rewards } from "@/domain/rewards/db/schema";
import { database } from "@/infrastructure/persistence/postgres";
import type { CampaignId, MerchantId } from "@/utils/ids";
import { audit } from "../fixtures/books";
import { useContracts } from "../fixtures/chain";
import { eventually, Server } from "../fixtures/Server";
import { Merchant } from "../fixtures/story/Merchant";
import { Person } from "../fixtures/story/Person";
import type { Shop } from "../fixtures/story/Shop";
import { newOrderId } from "../fixtures/tea";

const db = database.current;
let server: Server;

beforeAll(async () => {
    await useContracts();
    server = await Server.start();
});
afterAll(() => server.stop());

async function openShop(): Promise<{ ada: Merchant; shop: Shop; campaignId: CampaignId }> {
    const ada = new Merchant(server.url);
    await ada.signIn();
    await ada.register("Ada's Tea", `${crypto.randomUUID()}.localhost`);
    const shop = await ada.connectShopify();
    const { id } = await ada.launch();
    await eventually(async () => (await ada.bank()).status === "open");
    await ada.fund("900");
    await eventually(async () => (await ada.bank()).balances[0]?.amount === "900000000");
    return { ada, shop, campaignId: id as CampaignId };
}

async function restart(): Promise<void> {
    await server.kill();
    await server.resume();
}

const unprocessed = (merchantId: string) =>
    db.$count(webhookDeliveries, sql`merchant_id = ${merchantId} and status <> 'processed'`);

describe("kill -9 of the server", () => {
    test("three times in the main job: the tokens arrive, once", async () => {
        const { ada, shop, campaignId } = await openShop();
        const ben = new Person("Ben", server.url, ada.id);
        const cleo = new Person("Cleo", server.url, ada.id);
        await ben.makeWallet();
        await cleo.arrive((await ben.shareLink()).code);

        const answer = await shop.tellOfOrder({ id: newOrderId(), clientId: cleo.clientId });
        expect(answer.status).toBe(200);
        await restart();
        await eventually(async () => (await ben.rewards()).length === 1);
        await restart();
        await eventually(async () => (await ben.rewards())[0]?.status !== "available");
        await restart();
        await eventually(async () => (await ben.rewards())[0]?.status === "settled");

        const { balances } = await ben.balance();
        expect(balances[0]?.amount).toBe("20247500");
        const [budget] = await db
            .select()
            .from(campaignBudgets)
            .where(eq(campaignBudgets.campaignId, campaignId));
        expect(budget?.used).toBe(22_247_500n);
        expect(await audit()).toEqual([]);
    });

    test("between acknowledgements and their processing, again and again: none lost, none twice", async () => {
        const { ada, shop } = await openShop();
        const ben = new Person("Ben", server.url, ada.id);
        const cleo = new Person("Cleo", server.url, ada.id);
        await ben.makeWallet();
        await cleo.arrive((await ben.shareLink()).code);

        let told = 0;
        for (let round = 0; round < 5; round++) {
            const orders = Array.from({ length: 6 }, () =>
                shop.tellOfOrder({ id: newOrderId(), clientId: cleo.clientId })
            );
            told += (await Promise.all(orders)).filter(({ ok }) => ok).length;
            await restart();
        }
        expect(told).toBe(30);
        await eventually(async () => (await unprocessed(ada.id)) === 0);
        const ofAda = eq(rewards.merchantId, ada.id as MerchantId);
        await eventually(async () => (await db.$count(rewards, ofAda)) === 60);
        await eventually(
            async () =>
                (await db.$count(
                    rewards,
                    sql`${ofAda} and recipient = 'referrer' and status <> 'settled'`
                )) === 0
        );

        // What the wallet holds is what was owed: no payment was made twice.
        const { balances } = await ben.balance();
        expect(balances[0]?.amount).toBe(String(30n * 20_247_500n));
        const paid = await db
            .select()
            .from(payments)
            .where(eq(payments.merchantId, ada.id as MerchantId));
        const sum = paid
            .filter(({ status }) => status === "confirmed")
            .reduce((total, { amount }) => total + amount, 0n);
        expect(sum).toBe(30n * 20_247_500n);
        expect(await audit()).toEqual([]);
    });
});

test("SIGTERM ends it in order", async () => {
    const other = await Server.start();
    expect(await other.stop()).toBe(0);
});
