import { randomUUID } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { shopifyOrder, signed } from "@/api/demo/shopifyOrder";
import { PurchasesContext } from "@/domain/purchases";
import { purchases, webhookDeliveries } from "@/domain/purchases/db/schema";
import { database } from "@/infrastructure/persistence/postgres";
import { OrchestrationContext } from "@/orchestration";
import { inboxOf, known, rewardsOf } from "../fixtures/inbox";
import { type Chapter, chaptersOf, lives, shuffledOf } from "../fixtures/lifecycle";
import { newOrderId, type Tea, teaStory, tells, workOff } from "../fixtures/tea";
import { timesOf } from "../fixtures/timesOf";

const { purchaseClaim, purchaseIntake } = OrchestrationContext;
const db = database.current;

type Telling = { id: string; chapters: readonly Chapter[]; atOnce: boolean };

/** The shop tells of each chapter in turn; what follows is worked out in between, or once at the end. */
async function tellAll(tea: Tea, { id, chapters, atOnce }: Telling) {
    for (const { topic, body } of chapters) {
        const text = JSON.stringify(body).replaceAll("1001", id);
        await tells(tea, text, { topic, webhookId: randomUUID() });
        if (!atOnce) await purchaseIntake.processDue();
    }
    if (atOnce) await purchaseIntake.processDue();
}

describe("one order's deliveries, in any order and any number of times", () => {
    test("end in the same rows", async () => {
        const tea = await teaStory();
        const { merchantId } = tea;
        const runs = lives.chain((life) =>
            fc.record({
                inOrder: fc.constant(chaptersOf(life)),
                shuffled: shuffledOf(chaptersOf(life)),
                atOnce: fc.boolean(),
            })
        );
        await fc.assert(
            fc.asyncProperty(runs, async ({ inOrder, shuffled, atOnce }) => {
                const [one, other] = [newOrderId(), newOrderId()];
                await tellAll(tea, { id: one, chapters: inOrder, atOnce: true });
                await tellAll(tea, { id: other, chapters: shuffled, atOnce });
                const all = await known(merchantId);
                const [first, second] = [one, other].map((id) => {
                    const found = all.find(({ externalId }) => externalId === id);
                    return JSON.stringify(found, (_, value) =>
                        typeof value === "bigint" ? `${value}` : value
                    ).replaceAll(id, "");
                });
                expect(withoutDigest(second)).toBe(withoutDigest(first));
                await db.delete(webhookDeliveries);
                await db.execute(sql`truncate ${purchases} cascade`);
            }),
            { numRuns: timesOf({ everyDay: 60, thorough: 200 }) }
        );
    }, 180_000);
});

/** It is of the order's number too. */
const withoutDigest = (text: string | undefined): string | undefined =>
    text?.replace(/"sourceDigest":"[^"]*"/, "");

describe("a claim and its order's webhook at the same moment", () => {
    const times = timesOf({ everyDay: 100, thorough: 500 });
    test(`${times} times, in both orders: all are linked`, async () => {
        const tea = await teaStory();
        const ids = Array.from({ length: times }, newOrderId);
        const { merchantId, cleo } = tea;
        const tell = (id: string) => tells(tea, shopifyOrder({ id, token: "cleos-token" }));
        const claim = (orderId: string) =>
            purchaseClaim.claim({ merchantId, orderId, token: "cleos-token", claimant: cleo.key });
        for (let start = 0; start < ids.length; start += 50) {
            const some = ids.slice(start, start + 50);
            await Promise.all(
                some
                    .flatMap((id, index) =>
                        index % 2 === 0 ? [tell(id), claim(id)] : [claim(id), tell(id)]
                    )
                    .concat([purchaseIntake.processDue(), purchaseIntake.processDue()] as never[])
            );
        }
        await purchaseIntake.processDue();
        const orders = await known(merchantId);
        expect(orders).toHaveLength(times);
        expect(orders.filter(({ groupId, status }) => !groupId || status !== "confirmed")).toEqual(
            []
        );
    }, 120_000);
});

describe("two shops with equal numbers, customers and tokens", () => {
    test("do not see each other", async () => {
        const [ada, zoe] = [await teaStory(), await teaStory()];
        const order = { id: "4711", token: "same", customerId: "12", email: "cleo@example.com" };
        await tells(ada, shopifyOrder({ ...order, clientId: ada.cleo.clientId, total: "50.00" }));
        await tells(zoe, shopifyOrder({ ...order, total: "70.00" }));
        await workOff();
        expect(await known(ada.merchantId)).toMatchObject([{ total: 5_000n, groupId: true }]);
        expect(await known(zoe.merchantId)).toMatchObject([{ total: 7_000n, groupId: false }]);

        // Ada's customer claims at Zoe's: it is Zoe's order then, and Ada's stays hers.
        const claim = { merchantId: zoe.merchantId, orderId: "4711", token: "same" };
        await purchaseClaim.claim({ ...claim, claimant: zoe.cleo.key });
        await workOff();
        expect(await rewardsOf(ada.merchantId)).toHaveLength(2);
        expect(await rewardsOf(zoe.merchantId)).toHaveLength(2);
    });
});

describe("a poisoned delivery among a thousand", () => {
    test("delays no other, and is tried again later", async () => {
        const tea = await teaStory();
        const { inbox } = PurchasesContext.services;
        // A number that no column holds: the batch fails in Postgres, not in our reading of it.
        await db.execute(
            sql`alter table purchases add constraint poison check (external_id <> '666')`
        );
        const ids = [...Array.from({ length: 1_000 }, (_, index) => `${10_000 + index}`), "666"];
        await Promise.all(
            ids.map((id) => {
                const { body, headers } = signed(shopifyOrder({ id }), tea.secret);
                const raw = { merchantId: tea.merchantId, platform: "shopify", headers } as const;
                return inbox.receive({ ...raw, body: Buffer.from(body), requestId: "test" });
            })
        );
        await purchaseIntake.processDue();
        const ofAda = eq(purchases.merchantId, tea.merchantId);
        expect(await db.$count(purchases, ofAda)).toBe(1_000);
        const waiting = (await inboxOf(tea.merchantId)).filter((one) => one.status !== "processed");
        expect(waiting).toMatchObject([{ status: "received" }]);
        expect(waiting[0]?.attempts).toBeGreaterThan(0);
        expect(waiting[0]?.reason).toMatch(/^Failed on our side/);
        await db.execute(sql`alter table purchases drop constraint poison`);
    }, 60_000);
});
