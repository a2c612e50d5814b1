import { and, eq } from "drizzle-orm";
import { afterEach, describe, expect, test, vi } from "vitest";
import { shopifyOrder } from "@/api/demo/shopifyOrder";
import { campaignBudgets, decisions, interactions } from "@/domain/campaign/db/schema";
import { RewardsContext } from "@/domain/rewards";
import { rewards } from "@/domain/rewards/db/schema";
import { database } from "@/infrastructure/persistence/postgres";
import { priceSource } from "@/infrastructure/pricing";
import { OrchestrationContext } from "@/orchestration";
import { audit } from "../fixtures/books";
import { bringAFriend } from "../fixtures/story/Merchant";
import { buys, newClient, newOrderId, type Tea, teaStory, tells, workOff } from "../fixtures/tea";

afterEach(async () => {
    expect(await audit()).toEqual([]);
});

const { evaluation, purchaseIntake } = OrchestrationContext;
const db = database.current;

const owed = ({ merchantId }: Tea) =>
    db.select().from(rewards).where(eq(rewards.merchantId, merchantId));
const openOf = ({ merchantId }: Tea) =>
    db
        .select()
        .from(interactions)
        .where(and(eq(interactions.merchantId, merchantId), eq(interactions.trigger, "purchase")));
const decisionsOf = async ({ merchantId }: Tea) => {
    const found = await db
        .select({ traces: decisions.traces })
        .from(decisions)
        .innerJoin(interactions, eq(interactions.id, decisions.interactionId))
        .where(eq(interactions.merchantId, merchantId));
    return found.flatMap(({ traces }) => traces);
};
const used = async ({ campaignId }: Tea) =>
    (await db.select().from(campaignBudgets).where(eq(campaignBudgets.campaignId, campaignId)))[0]
        ?.used;

/** Both get 2 tokens a sale. */
const twoEach = (budget: string) => ({
    trigger: "purchase",
    rewards: ["referrer", "referee"].map((recipient) => ({
        recipient,
        asset: "token",
        amount: { fixed: { amount: "2.00" } },
    })),
    budget: [{ name: "total", window: "total", amount: budget, onExhausted: "skip" }],
});

describe("evaluateDue", () => {
    test("says why nothing is owed", async () => {
        const tea = await teaStory();
        const { clientId } = tea.cleo;
        await buys(tea, { id: newOrderId(), clientId, total: "19.99" });
        await buys(tea, { id: newOrderId(), clientId: newClient(tea.merchantId).clientId });

        const decided = await decisionsOf(tea);
        expect(decided.map(({ outcome }) => outcome).sort()).toEqual(["noReferrer", "notMatched"]);
        const notMatched = decided.find(({ outcome }) => outcome === "notMatched");
        expect(notMatched?.trace.conditions).toEqual([
            {
                path: "all[0]",
                field: "purchase.total",
                op: "gte",
                expected: "20.00 USD",
                actual: "19.99 USD",
                met: false,
            },
        ]);
    });

    test("stops at the budget to the unit, and never in the middle of a sale", async () => {
        const tea = await teaStory({ definition: twoEach("10.00") });
        const { clientId } = tea.cleo;
        const orders = Array.from({ length: 20 }, () =>
            shopifyOrder({ id: newOrderId(), clientId })
        );
        await Promise.all(orders.map((order) => tells(tea, order)));
        await purchaseIntake.processDue();
        await Promise.all(Array.from({ length: 4 }, () => evaluation.evaluateDue()));
        await evaluation.evaluateDue();

        expect(await owed(tea)).toHaveLength(4);
        expect(await used(tea)).toBe(8_000_000n);
        const outcomes = Map.groupBy(await decisionsOf(tea), ({ outcome }) => outcome);
        expect(outcomes.get("rewarded")).toHaveLength(2);
        expect(outcomes.get("budgetExhausted")).toHaveLength(18);
    });

    test("leaves no trace when the rewards cannot be written, and tries again later", async () => {
        const tea = await teaStory();
        const failing = vi.spyOn(RewardsContext.repositories.rewards, "insertAll");
        failing.mockRejectedValueOnce(new Error("disk full"));
        failing.mockRejectedValueOnce(new Error("disk full"));
        await buys(tea, { id: newOrderId(), clientId: tea.cleo.clientId });
        failing.mockRestore();

        expect(await owed(tea)).toEqual([]);
        expect(await used(tea)).toBe(0n);
        expect(await decisionsOf(tea)).toEqual([]);
        expect(await openOf(tea)).toMatchObject([
            { status: "open", attempts: 1, lastError: "Error: disk full" },
        ]);
    });

    test("lets one that fails hold up nobody", async () => {
        const tea = await teaStory();
        const { clientId } = tea.cleo;
        const orders = Array.from({ length: 5 }, () =>
            shopifyOrder({ id: newOrderId(), clientId })
        );
        await Promise.all(orders.map((order) => tells(tea, order)));
        await purchaseIntake.processDue();
        const [poisoned] = await openOf(tea);
        const { insertAll } = RewardsContext.repositories.rewards;
        const failing = vi.spyOn(RewardsContext.repositories.rewards, "insertAll");
        failing.mockImplementation(function (this: unknown, rows, now) {
            const isPoisoned = rows.some(({ interactionId }) => interactionId === poisoned?.id);
            if (isPoisoned) throw new Error("poison");
            return insertAll.call(this, rows, now);
        });
        await evaluation.evaluateDue();
        failing.mockRestore();

        expect(await owed(tea)).toHaveLength(8);
        const left = (await openOf(tea)).filter(({ status }) => status === "open");
        expect(left.map(({ id }) => id)).toEqual([poisoned?.id]);
    });

    test("waits for a price instead of guessing one", async () => {
        const tea = await teaStory();
        const unpriced = vi.spyOn(priceSource, "pricesOf").mockResolvedValue(new Map());
        await buys(tea, { id: newOrderId(), clientId: tea.cleo.clientId });
        unpriced.mockRestore();

        expect(await owed(tea)).toEqual([]);
        expect(await openOf(tea)).toMatchObject([
            { status: "open", lastError: expect.stringContaining("no price is known") },
        ]);
        await db.update(interactions).set({ dueAt: new Date(0) });
        await workOff();
        expect(await owed(tea)).toHaveLength(2);
    });

    test("keeps a reward locked up as long as the campaign says", async () => {
        const tea = await teaStory({ definition: { ...bringAFriend, lockupSeconds: 3_600 } });
        await buys(tea, { id: newOrderId(), clientId: tea.cleo.clientId });
        const [reward] = await owed(tea);
        expect(reward).toMatchObject({ status: "pending" });
        const lockedMs = Number(reward?.availableAt) - Number(reward?.createdAt);
        expect(lockedMs).toBe(3_600_000);
    });
});
