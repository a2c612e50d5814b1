import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import { database } from "@/infrastructure/persistence/postgres";
import { bringAFriend, Merchant } from "../../test/fixtures/story/Merchant";
import { Person } from "../../test/fixtures/story/Person";
import { newOrderId } from "../../test/fixtures/tea";
import { summary } from "../lib/load";
import type { Row } from "../lib/report";
import { startProcess } from "../lib/stage";

const orders = 200;
const pauseMs = 50;

/** From a shop's webhook to tokens in a wallet, on the development chain, with a round of settlement every second. */
export async function payouts({ port }: { port: number }): Promise<Row[]> {
    const url = `http://localhost:${port}`;
    const server = await startProcess("src/index.ts", port, {
        SETTLEMENT_INTERVAL_SECONDS: "1",
        WEBAUTHN_ORIGINS: url,
    });
    const { ada, shop, cleo } = await openShop(url);
    for (let told = 0; told < orders; told++) {
        await shop.tellOfOrder({ id: newOrderId(), clientId: cleo.clientId, total: "40.00" });
        await Bun.sleep(pauseMs);
    }
    await until(async () => (await settledOf(ada.id)).length === 2 * orders);
    const times = await settledOf(ada.id);
    await server.stop();
    const seconds = (orders * pauseMs) / 1_000;
    const measured = summary(times, seconds, 0);
    const p95 = times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.95)] ?? 0;
    return [
        {
            name: `webhook → tokens in the wallet, ${orders} orders (p95 ${Math.round(p95)} ms)`,
            measured,
            goal: "p95 < 5,000 ms",
        },
    ];
}

async function openShop(url: string) {
    const ada = new Merchant(url);
    await ada.signIn();
    await ada.register("Ada's Tea", `${randomUUID()}.localhost`);
    const shop = await ada.connectShopify();
    const budget = [{ ...bringAFriend.budget[0], amount: "1000000.00" }];
    await ada.launch({ ...bringAFriend, budget });
    await until(async () => (await ada.bank()).status === "open");
    await ada.fund("100000");
    await until(async () => (await ada.bank()).balances[0]?.amount !== "0");
    const [ben, cleo] = [new Person("Ben", url, ada.id), new Person("Cleo", url, ada.id)];
    await ben.makeWallet();
    await cleo.arrive((await ben.shareLink()).code);
    await cleo.makeWallet();
    return { ada, shop, cleo };
}

/** For each reward, how long after its order's delivery it was in the wallet. */
async function settledOf(merchantId: string): Promise<number[]> {
    const rows = await database.rows<{ ms: string }>(sql`
        select extract(epoch from reward.settled_at - delivery.received_at) * 1000 as ms
        from rewards reward
        join purchases purchase on purchase.id = reward.purchase_id
        join webhook_deliveries delivery on delivery.merchant_id = purchase.merchant_id
            and delivery.external_id = purchase.external_id
        where reward.merchant_id = ${merchantId} and reward.status = 'settled'`);
    return rows.map(({ ms }) => Number(ms));
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
    while (!(await isSo())) await Bun.sleep(100);
}
