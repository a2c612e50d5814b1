import { spawn } from "node:child_process";
import { once } from "node:events";
import { asc, eq, inArray, sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { shopifyOrder } from "@/api/demo/shopifyOrder";
import { sharesOf } from "@/domain/attribution";
import { CampaignContext } from "@/domain/campaign";
import {
    budgetTakings,
    campaignBudgets,
    campaignCaps,
    campaigns,
    campaignVersions,
    decisions,
    interactions,
    waitingRewards,
} from "@/domain/campaign/db/schema";
import { decideAgain } from "@/domain/campaign/services/decideAgain";
import { evaluatorOf } from "@/domain/campaign/services/evaluatorOf";
import { MerchantContext } from "@/domain/merchant";
import { rewards } from "@/domain/rewards/db/schema";
import { database } from "@/infrastructure/persistence/postgres";
import { OrchestrationContext } from "@/orchestration";
import { bringAFriend } from "../fixtures/story/Merchant";
import { buys, comes, newClient, newOrderId, type Tea, teaStory, tells } from "../fixtures/tea";

const { evaluation, purchaseIntake, queuePromotion, simulation } = OrchestrationContext;
const { campaigns: service } = CampaignContext.services;
const { merchants } = MerchantContext.services;
const db = database.current;

const benGetsTwo = {
    trigger: "purchase",
    rewards: [{ recipient: "referrer", asset: "token", amount: { fixed: { amount: "2.00" } } }],
};
const withBudget = (amount: string, changes: object) => ({
    ...benGetsTwo,
    budget: [{ name: "purse", window: "total", amount, onExhausted: "skip", ...changes }],
});

const owed = ({ merchantId }: Tea) =>
    db.select().from(rewards).where(eq(rewards.merchantId, merchantId)).orderBy(asc(rewards.id));
const outcomesOf = async ({ merchantId }: Tea) => {
    const found = await db
        .select({ traces: decisions.traces })
        .from(decisions)
        .innerJoin(interactions, eq(interactions.id, decisions.interactionId))
        .where(eq(interactions.merchantId, merchantId));
    return Map.groupBy(
        found.flatMap(({ traces }) => traces),
        ({ outcome }) => outcome
    );
};
const usedOf = async ({ campaignId }: Tea) => {
    const rows = await db
        .select()
        .from(campaignBudgets)
        .where(eq(campaignBudgets.campaignId, campaignId));
    return rows.reduce((sum, { used }) => sum + used, 0n);
};

/** As many purchases as one after another could not be told apart from, all waiting to be decided. */
async function isTold(tea: Tea, count: number, clientId = tea.cleo.clientId): Promise<void> {
    const orders = Array.from({ length: count }, () =>
        shopifyOrder({ id: newOrderId(), clientId })
    );
    await Promise.all(orders.map((order) => tells(tea, order)));
    await purchaseIntake.processDue();
}

async function otherProcess(): Promise<void> {
    const child = spawn(process.execPath, ["test/fixtures/evaluateDue.ts"], {
        env: process.env,
        stdio: ["ignore", "inherit", "inherit"],
    });
    const [code] = await once(child, "exit");
    expect(code).toBe(0);
}

/** A day passes for the budgets of a campaign. */
async function nextDay({ campaignId }: Tea): Promise<void> {
    for (const table of [campaignBudgets, budgetTakings]) {
        await db
            .update(table)
            .set({ windowStartsAt: sql`${table.windowStartsAt} - interval '1 day'` })
            .where(eq(table.campaignId, campaignId));
    }
}

describe("a budget", () => {
    test("for 50, and 200 purchases at once over four workers in two processes: exactly 50", async () => {
        const tea = await teaStory({ definition: withBudget("100", {}) });
        await isTold(tea, 200);

        await Promise.all([evaluation.evaluateDue(), evaluation.evaluateDue(), otherProcess()]);
        await evaluation.evaluateDue();

        expect(await owed(tea)).toHaveLength(50);
        expect(await usedOf(tea)).toBe(100_000_000n);
        const taken = await db
            .select()
            .from(budgetTakings)
            .where(eq(budgetTakings.campaignId, tea.campaignId));
        expect(taken.reduce((sum, { amount }) => sum + amount, 0n)).toBe(100_000_000n);
        const outcomes = await outcomesOf(tea);
        expect(outcomes.get("rewarded")).toHaveLength(50);
        expect(outcomes.get("budgetExhausted")).toHaveLength(150);
    }, 120_000);

    test("that queues pays all of them in later windows, in order", async () => {
        const tea = await teaStory({
            definition: withBudget("6", { window: "day", onExhausted: "queue" }),
        });
        await isTold(tea, 8);
        await evaluation.evaluateDue();
        expect(await owed(tea)).toHaveLength(3);
        expect((await outcomesOf(tea)).get("queued")).toHaveLength(5);

        await queuePromotion.promoteAll();
        expect(await owed(tea)).toHaveLength(3);
        await nextDay(tea);
        await queuePromotion.promoteAll();
        expect(await owed(tea)).toHaveLength(6);
        await nextDay(tea);
        await Promise.all([queuePromotion.promoteAll(), queuePromotion.promoteAll()]);
        expect(await owed(tea)).toHaveLength(8);

        const line = await db
            .select()
            .from(waitingRewards)
            .where(eq(waitingRewards.campaignId, tea.campaignId))
            .orderBy(asc(waitingRewards.place));
        expect(line.map(({ status }) => status)).toEqual(Array(5).fill("granted"));
        const times = line.map(({ grantedAt }) => grantedAt?.getTime() ?? 0);
        expect(times).toEqual([...times].sort((a, b) => a - b));
        expect(await usedOf(tea)).toBe(16_000_000n);
    });

    test("that queues lets nobody past those who wait", async () => {
        const tea = await teaStory({
            definition: withBudget("3", { window: "day", onExhausted: "queue" }),
        });
        await isTold(tea, 2);
        await evaluation.evaluateDue();
        await nextDay(tea);
        await isTold(tea, 1);
        await evaluation.evaluateDue();

        expect(await owed(tea)).toHaveLength(1);
        expect((await outcomesOf(tea)).get("queued")).toHaveLength(2);
    });

    test("is free again, in its own window, when a purchase is refunded; so is its cap", async () => {
        const definition = {
            ...withBudget("100", { window: "month" }),
            limits: { perUser: { count: 1 } },
        };
        const tea = await teaStory({ definition });
        const id = newOrderId();
        const { clientId } = tea.cleo;
        await buys(tea, { id, clientId });
        expect(await usedOf(tea)).toBe(2_000_000n);
        await buys(tea, { id, clientId, financialStatus: "voided" }, { topic: "orders/updated" });
        const caps = await db
            .select()
            .from(campaignCaps)
            .where(eq(campaignCaps.campaignId, tea.campaignId));
        expect([await usedOf(tea), caps.map(({ used }) => used)]).toEqual([0n, [0n]]);
    });
});

describe("a limit", () => {
    test("of three per referrer pays exactly three, over four workers at once", async () => {
        const tea = await teaStory({
            definition: { ...benGetsTwo, limits: { perReferrer: { count: 3 } } },
        });
        const friends = Array.from({ length: 12 }, () => newClient(tea.merchantId));
        for (const { key } of friends) await comes(tea.merchantId, key, tea.code);
        for (const { clientId } of friends) await isTold(tea, 1, clientId);
        await Promise.all(Array.from({ length: 4 }, () => evaluation.evaluateDue()));
        await evaluation.evaluateDue();

        expect(await owed(tea)).toHaveLength(3);
        expect((await outcomesOf(tea)).get("capped")).toHaveLength(9);
    });
});

describe("a change", () => {
    test("governs what happens from then on, and nothing that was decided", async () => {
        const tea = await teaStory({ definition: benGetsTwo });
        const { clientId } = tea.cleo;
        await buys(tea, { id: newOrderId(), clientId });
        const before = new Date();
        const five = [{ ...benGetsTwo.rewards[0], amount: { fixed: { amount: "5" } } }];
        const change = { definition: { ...benGetsTwo, rewards: five }, changedBy: tea.ada };
        const asset = merchants.assetOf(undefined);
        await service.change(tea.campaignId, change, { asset, timeZone: "UTC" });
        await isTold(tea, 1);
        await db
            .update(interactions)
            .set({ occurredAt: before })
            .where(eq(interactions.status, "open"));
        await evaluation.evaluateDue();
        await buys(tea, { id: newOrderId(), clientId });

        // The second happened before the change, though it was decided after; only the third is of later.
        const amounts = (await owed(tea)).map(({ originalAmount }) => originalAmount);
        expect(amounts).toEqual([2_000_000n, 2_000_000n, 5_000_000n]);
    });
});

describe("an exclusive campaign", () => {
    test("of the highest priority pays alone", async () => {
        const tea = await teaStory();
        const draft = {
            merchantId: tea.merchantId,
            name: "Alone",
            definition: benGetsTwo,
            priority: 5,
            stacking: "exclusive",
            createdBy: tea.ada,
        } as const;
        const { campaign } = await service.create(draft, merchants.assetOf(undefined));
        await service.step(campaign.id, "publish");
        await buys(tea, { id: newOrderId(), clientId: tea.cleo.clientId });

        const paid = await owed(tea);
        expect(paid.map(({ campaignId, amount }) => [campaignId, amount])).toEqual([
            [campaign.id, 2_000_000n],
        ]);
        const outranked = (await outcomesOf(tea)).get("notMatched");
        expect(outranked?.map(({ trace }) => trace.stacking)).toEqual([
            [{ rule: "all", outrankedBy: campaign.id }],
        ]);
    });
});

describe("a simulation", () => {
    test("of what happened, under the campaign as it is, costs what it cost", async () => {
        const tea = await teaStory();
        const { clientId } = tea.cleo;
        for (let count = 0; count < 3; count++) await buys(tea, { id: newOrderId(), clientId });
        const request = {
            merchantId: tea.merchantId,
            campaign: await service.get(tea.campaignId),
            definition: undefined,
            orders: undefined,
            days: 365,
        };
        const { simulated, actual } = await simulation.simulate(request);
        expect(simulated.outcomes).toEqual({ rewarded: 3 });
        expect(simulated.winners).toBe(2);
        expect([simulated.cost.get("token")]).toEqual(actual?.map(({ amount }) => amount));
        expect(await owed(tea)).toHaveLength(6);
    });

    test("of imagined orders says who would be capped", async () => {
        const tea = await teaStory();
        const orders = ["Cleo", "Dora", "Cleo"].map((customer) => ({
            currency: "EUR",
            total: "50.00",
            customer,
            referrer: "Ben",
        }));
        const definition = { ...bringAFriend, limits: { perUser: { count: 1 } } };
        const request = {
            merchantId: tea.merchantId,
            campaign: undefined,
            definition,
            orders,
            days: 30,
        };
        const { simulated } = await simulation.simulate(request);
        expect(simulated.outcomes).toEqual({ rewarded: 2, capped: 1 });
        expect(simulated.capHits).toEqual(new Map([["perUser.count", 1]]));
    });
});

test("every decision in this database, decided again, comes to the same units", async () => {
    const rows = await db
        .select({ decision: decisions, interaction: interactions })
        .from(decisions)
        .innerJoin(interactions, eq(interactions.id, decisions.interactionId));
    const versions = await db.select().from(campaignVersions);
    const paid = Map.groupBy(
        await db.select().from(rewards),
        ({ interactionId, campaignVersionId }) => `${interactionId}:${campaignVersionId}`
    );
    const replayed = rows.flatMap(({ decision }) =>
        decision.traces.map((decided) => ({ decision, decided }))
    );
    for (const { decision, decided } of replayed) {
        const version = versions.find(
            ({ campaignId, number }) =>
                campaignId === decided.campaignId && number === decided.campaignVersion
        );
        if (!version) throw new Error("A decision without its version");
        const evaluator = evaluatorOf(version, sharesOf);
        const past = { evaluator, snapshot: decision.facts, decided };
        const before = paid.get(`${decision.interactionId}:${version.id}`) ?? [];
        if (decided.outcome === "queued" && before.length === 0) continue;
        expect(decideAgain(past).rewards.map(({ amount }) => amount)).toEqual(
            before.map(({ originalAmount }) => originalAmount)
        );
    }
    expect(replayed.length).toBeGreaterThan(200);
    expect(await db.$count(campaigns, inArray(campaigns.status, ["active"]))).toBeGreaterThan(5);
});
