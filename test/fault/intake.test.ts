import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { and, eq, sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { shopifyOrder } from "@/api/demo/shopifyOrder";
import { interactions } from "@/domain/campaign/db/schema";
import { purchases, webhookDeliveries } from "@/domain/purchases/db/schema";
import { database } from "@/infrastructure/persistence/postgres";
import { OrchestrationContext } from "@/orchestration";
import { teaStory, tells } from "../fixtures/tea";
import { timesOf } from "../fixtures/timesOf";

const db = database.current;
const kills = timesOf({ everyDay: 10, thorough: 50 });
const perKill = 40;
const orders = kills * perKill;

/** Starts a worker, and kills it without a word once it is at work. */
async function workAndDie(): Promise<void> {
    const worker = spawn(process.execPath, ["test/fixtures/intakeWorker.ts"], {
        env: process.env,
        stdio: ["ignore", "pipe", "inherit"],
    });
    await once(worker.stdout, "data");
    await sleep(randomInt(60));
    const ended = once(worker, "exit");
    worker.kill("SIGKILL");
    await ended;
}

test(`kill -9 of a worker ${kills} times while ${orders} deliveries come: none lost, none twice`, async () => {
    const tea = await teaStory();
    const { merchantId, cleo } = tea;
    const tell = (index: number) =>
        tells(tea, shopifyOrder({ id: `${10_000 + index}`, clientId: cleo.clientId }));
    const ofAda = eq(purchases.merchantId, merchantId);
    const waiting = () =>
        db.$count(webhookDeliveries, sql`merchant_id = ${merchantId} and status <> 'processed'`);

    let diedAtWork = 0;
    for (let kill = 0; kill < kills; kill++) {
        const some = Array.from({ length: perKill }, (_, index) => tell(kill * perKill + index));
        await Promise.all(some);
        await workAndDie();
        if ((await waiting()) > 0) diedAtWork++;
    }
    await OrchestrationContext.purchaseIntake.processDue();

    expect(diedAtWork).toBeGreaterThan(0);
    expect(await waiting()).toBe(0);
    expect(await db.$count(purchases, ofAda)).toBe(orders);
    const opened = and(
        eq(interactions.merchantId, merchantId),
        eq(interactions.trigger, "purchase")
    );
    expect(await db.$count(interactions, opened)).toBe(orders);
    const lost = await db.$count(purchases, sql`${ofAda} and group_id is null`);
    expect(lost).toBe(0);
}, 180_000);
