import { randomUUID } from "node:crypto";
import { and, eq, sql } from "drizzle-orm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PurchasesContext } from "@/domain/purchases";
import { purchases } from "@/domain/purchases/db/schema";
import { database } from "@/infrastructure/persistence/postgres";
import { OrchestrationContext } from "@/orchestration";
import { audit } from "../fixtures/books";
import { type Chapter, chaptersOf, lives, shuffledOf } from "../fixtures/lifecycle";
import { comes, newClient, newOrderId, type Tea, teaStory, tells, workOff } from "../fixtures/tea";

const { shareLink } = OrchestrationContext;
const { purchases: orders } = PurchasesContext.services;

/** Ben gets a part of 5 %, those who brought him the rest by halves; Cleo gets 3 % of what she keeps. */
const sharedUpwards = {
    trigger: "purchase",
    rewards: [
        {
            recipient: "referrer",
            asset: "token",
            amount: { percent: { of: "subtotal", percent: "5" } },
            chaining: { selfPercent: "0", decayPercent: "50", maxDepth: 4 },
        },
        {
            recipient: "referee",
            asset: "token",
            amount: { percent: { of: "subtotal", percent: "3" } },
        },
    ],
    budget: [{ name: "total", window: "total", amount: "1000000.00", onExhausted: "skip" }],
};

/** Fay told Eve, Eve told Dan, Dan told Ben, and Ben told Cleo. */
async function chainStory(): Promise<Tea> {
    const tea = await teaStory({ definition: sharedUpwards });
    const { merchantId } = tea;
    let told = tea.ben;
    for (const _ of ["Dan", "Eve", "Fay"]) {
        const teller = newClient(merchantId);
        const { code } = await shareLink.linkOf(merchantId, teller.key);
        await comes(merchantId, told.key, code);
        told = teller;
    }
    return tea;
}

/** As the shop says it of that order, an hour from now: after everybody came through their links. */
function saidOf({ body }: Chapter, id: string): string {
    const hour = new Date(Date.now() + 3_600_000).toISOString().slice(0, "2026-11-20T10:".length);
    return JSON.stringify(body).replaceAll("1001", id).replaceAll("2026-11-20T10:", hour);
}

type Told = { chapters: readonly Chapter[]; pauses: readonly boolean[] };

/** Tells an order chapter by chapter, working off everything in between where there is a pause. */
async function tellOrder(tea: Tea, { chapters, pauses }: Told): Promise<string> {
    const id = newOrderId();
    for (const [index, chapter] of chapters.entries()) {
        const { topic } = chapter;
        await tells(tea, saidOf(chapter, id), { topic, webhookId: randomUUID() });
        if (pauses[index % pauses.length]) await workOff();
    }
    await workOff();
    return id;
}

/** What everybody is owed for an order, by who they are in it. */
async function owedFor(tea: Tea, id: string): Promise<Record<string, string>> {
    const rows = await database.rows<{ who: string; amount: string }>(sql`
        select reward.recipient || ' ' || reward.chain_depth as who, sum(reward.amount)::text as amount
        from rewards reward join purchases purchase on purchase.id = reward.purchase_id
        where purchase.merchant_id = ${tea.merchantId} and purchase.external_id = ${id}
        group by 1 having sum(reward.amount) > 0 order by 1`);
    return Object.fromEntries(rows.map(({ who, amount }) => [who, amount]));
}

/** What is left of an order. */
async function netOf({ merchantId }: Tea, externalId: string) {
    const [purchase] = await database.current
        .select()
        .from(purchases)
        .where(and(eq(purchases.merchantId, merchantId), eq(purchases.externalId, externalId)));
    return purchase && (await orders.netsOf([purchase])).get(purchase.id);
}

const byCleo = ({ cleo }: Tea) => ({
    note_attributes: [{ name: "_client_id", value: cleo.clientId }],
});

/** An order that is placed as what is left of another one. */
function orderOfTheNet(tea: Tea, net: { total: bigint; subtotal: bigint }): Chapter[] {
    const text = (amount: bigint) => `${amount / 100n}.${String(amount % 100n).padStart(2, "0")}`;
    const body = {
        ...(chaptersOf({ ...plain, paid: true }, byCleo(tea)).at(-1)?.body ?? {}),
        total_price: text(net.total),
        subtotal_price: text(net.subtotal),
        line_items: [],
    };
    return [{ topic: "orders/paid", body }];
}

const plain = {
    paid: true,
    edited: false,
    refunds: 0,
    amountOnly: false,
    isSlow: false,
    cancelled: false,
};

describe("what an order earns", () => {
    test("is what its net earns, for everybody, whatever came first and however often", async () => {
        const tea = await chainStory();
        const runs = lives.chain((life) =>
            fc.record({
                life: fc.constant(life),
                chapters: shuffledOf(chaptersOf(life, byCleo(tea))),
                pauses: fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }),
            })
        );
        let paidFor = 0;
        await fc.assert(
            fc.asyncProperty(runs, async ({ life, chapters, pauses }) => {
                const id = await tellOrder(tea, { chapters, pauses });
                const owed = await owedFor(tea, id);
                const net = await netOf(tea, id);
                if (!net || !life.paid || net.subtotal === 0n) {
                    expect(owed).toEqual({});
                    return;
                }
                const direct = await tellOrder(tea, {
                    chapters: orderOfTheNet(tea, net),
                    pauses: [false],
                });
                expect(owed).toEqual(await owedFor(tea, direct));
                paidFor += Number(Object.keys(owed).length === 5);
            }),
            { numRuns: 60 }
        );
        expect(paidFor).toBeGreaterThan(5);
        expect(await audit()).toEqual([]);
    }, 180_000);

    test("is nothing once it is cancelled, and the budget is free again", async () => {
        const tea = await chainStory();
        const paid = chaptersOf({ ...plain, paid: true, refunds: 1 }, byCleo(tea));
        const id = await tellOrder(tea, { chapters: paid, pauses: [true] });
        expect(Object.keys(await owedFor(tea, id))).toEqual([
            "referee 0",
            "referrer 0",
            "referrer 1",
            "referrer 2",
            "referrer 3",
        ]);
        const [used] = await database.rows<{ used: string }>(sql`
            select used from campaign_budgets where campaign_id = ${tea.campaignId}`);
        expect(BigInt(used?.used ?? 0)).toBeGreaterThan(0n);

        const gone = chaptersOf({ ...plain, paid: true, refunds: 1, cancelled: true }, byCleo(tea));
        for (const chapter of gone.slice(-1)) {
            const { topic } = chapter;
            await tells(tea, saidOf(chapter, id), { topic, webhookId: randomUUID() });
        }
        await workOff();
        expect(await owedFor(tea, id)).toEqual({});
        expect(
            await database.rows(sql`
                select used from campaign_budgets where campaign_id = ${tea.campaignId}`)
        ).toEqual([{ used: "0" }]);
        expect(await audit()).toEqual([]);
    });
});
