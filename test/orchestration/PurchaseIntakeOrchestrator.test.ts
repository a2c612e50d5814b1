import { and, eq, sql } from "drizzle-orm";
import { afterEach, describe, expect, test } from "vitest";
import { shopifyOrder } from "@/api/demo/shopifyOrder";
import { campaignBudgets, interactions } from "@/domain/campaign/db/schema";
import { purchaseLines, purchases, webhookDeliveries } from "@/domain/purchases/db/schema";
import { rewards } from "@/domain/rewards/db/schema";
import { database } from "@/infrastructure/persistence/postgres";
import { OrchestrationContext } from "@/orchestration";
import { audit } from "../fixtures/books";
import { buys, newOrderId, type Tea, teaStory, tells, workOff } from "../fixtures/tea";

afterEach(async () => {
    expect(await audit()).toEqual([]);
});

const db = database.current;

const purchaseOf = async ({ merchantId }: Tea, externalId: string) =>
    (
        await db
            .select()
            .from(purchases)
            .where(
                sql`${purchases.merchantId} = ${merchantId} and ${purchases.externalId} = ${externalId}`
            )
    )[0];
const owed = async ({ merchantId }: Tea) =>
    (
        await db
            .select()
            .from(rewards)
            .where(eq(rewards.merchantId, merchantId))
            .orderBy(rewards.recipient)
    ).map(({ recipient, amount, status }) => [recipient, amount, status]);
const used = async ({ campaignId }: Tea) =>
    (await db.select().from(campaignBudgets).where(eq(campaignBudgets.campaignId, campaignId)))[0]
        ?.used;
const deliveriesOf = ({ merchantId }: Tea) =>
    db.select().from(webhookDeliveries).where(eq(webhookDeliveries.merchantId, merchantId));

describe("a paid order", () => {
    test("becomes a purchase with every digit of its ids, its lines, and rewards", async () => {
        const tea = await teaStory();
        const id = newOrderId();
        await buys(tea, { id, clientId: tea.cleo.clientId });

        const purchase = await purchaseOf(tea, id);
        expect(purchase).toMatchObject({
            externalId: id,
            status: "confirmed",
            currency: "USD",
            total: 40_495n,
            linkedBy: "client",
        });
        const lines = await db
            .select()
            .from(purchaseLines)
            .where(eq(purchaseLines.purchaseId, purchase?.id ?? ("" as never)));
        expect(lines.map(({ externalId }) => externalId)).toContain("487817672276298554");
        // 5 % of 404.95 USD at 1 USD a token, and 2 tokens.
        expect(await owed(tea)).toEqual([
            ["referee", 2_000_000n, "available"],
            ["referrer", 20_247_500n, "available"],
        ]);
        expect(await used(tea)).toBe(22_247_500n);
    });

    test("earns nothing while it is only pending, and once it is paid", async () => {
        const tea = await teaStory();
        const id = newOrderId();
        const { clientId } = tea.cleo;
        await buys(tea, { id, clientId, financialStatus: "pending" }, { topic: "orders/paid" });
        expect(await purchaseOf(tea, id)).toMatchObject({ status: "pending" });
        expect(await owed(tea)).toEqual([]);

        await buys(tea, { id, clientId });
        expect(await owed(tea)).toHaveLength(2);
    });

    test("told ten times at once under one webhook id has one effect", async () => {
        const tea = await teaStory();
        const text = shopifyOrder({ id: newOrderId(), clientId: tea.cleo.clientId });
        const told = { webhookId: crypto.randomUUID() };
        const answers = await Promise.all(Array.from({ length: 10 }, () => tells(tea, text, told)));
        await workOff();

        expect(answers.filter(({ status }) => status === "accepted")).toHaveLength(1);
        expect(new Set(answers.map(({ deliveryId }) => deliveryId)).size).toBe(1);
        expect(await deliveriesOf(tea)).toHaveLength(1);
        expect(await owed(tea)).toHaveLength(2);
    });

    test("told under ten webhook ids and worked off by four at once has one effect", async () => {
        const tea = await teaStory();
        const text = shopifyOrder({ id: newOrderId(), clientId: tea.cleo.clientId });
        await Promise.all(Array.from({ length: 10 }, () => tells(tea, text)));
        await Promise.all([workOff(), workOff(), workOff(), workOff()]);
        await workOff();

        expect(await owed(tea)).toHaveLength(2);
        expect(await used(tea)).toBe(22_247_500n);
        expect((await deliveriesOf(tea)).every(({ status }) => status === "processed")).toBe(true);
    });

    test("of a stale delivery does not go back to pending", async () => {
        const tea = await teaStory();
        const id = newOrderId();
        const { clientId } = tea.cleo;
        await buys(tea, { id, clientId });
        const updatedAt = new Date(Date.now() - 60_000);
        await buys(tea, { id, clientId, financialStatus: "pending", updatedAt });

        expect(await purchaseOf(tea, id)).toMatchObject({ status: "confirmed" });
    });
});

describe("a refund or a cancellation", () => {
    test.each([
        ["refunded", { financialStatus: "refunded" }],
        ["cancelled", { cancelledAt: new Date().toISOString() }],
        ["voided", { financialStatus: "voided" }],
    ])("(%s) cancels what is not settled and gives the budget back", async (_, change) => {
        const tea = await teaStory();
        const id = newOrderId();
        const { clientId } = tea.cleo;
        await buys(tea, { id, clientId });
        await buys(tea, { id, clientId, ...change, updatedAt: new Date(Date.now() + 1_000) });

        expect(await owed(tea)).toEqual([
            ["referee", 0n, "cancelled"],
            ["referrer", 0n, "cancelled"],
        ]);
        expect(await used(tea)).toBe(0n);
    });

    test("that comes before anything was decided leaves nothing to decide", async () => {
        const tea = await teaStory();
        const id = newOrderId();
        const { clientId } = tea.cleo;
        await tells(tea, shopifyOrder({ id, clientId }));
        await OrchestrationContext.purchaseIntake.processDue();
        await tells(tea, shopifyOrder({ id, clientId, cancelledAt: new Date().toISOString() }));
        await workOff();

        expect(await owed(tea)).toEqual([]);
        const found = await db
            .select()
            .from(interactions)
            .where(
                and(
                    eq(interactions.merchantId, tea.merchantId),
                    eq(interactions.trigger, "purchase")
                )
            );
        expect(found.map(({ status }) => status)).toEqual(["void"]);
    });
});

describe("a delivery that cannot be read", () => {
    test.each([
        ["not JSON", "this is tea", "The body is not JSON"],
        ["not an order", '{"hello": "world"}', "INVALID_REQUEST"],
        ["a negative price", shopifyOrder({ id: "1", total: "-5.00" }), "total_price"],
        ["a price with an exponent", shopifyOrder({ id: "1", total: "1e9" }), "total_price"],
        [
            "an unknown currency",
            shopifyOrder({ id: "1" }).replaceAll('"USD"', '"XYZ"'),
            "UNKNOWN_CURRENCY",
        ],
    ])("(%s) is kept as a dead letter with its reason", async (_, text, reason) => {
        const tea = await teaStory();
        expect(await tells(tea, text)).toMatchObject({ status: "accepted" });
        await workOff();

        const [delivery] = await deliveriesOf(tea);
        expect(delivery).toMatchObject({ status: "dead" });
        expect(delivery?.reason).toContain(reason);
    });

    test("delays no other", async () => {
        const tea = await teaStory();
        await tells(tea, "this is tea");
        await buys(tea, { id: newOrderId(), clientId: tea.cleo.clientId });
        expect(await owed(tea)).toHaveLength(2);
    });

    test("of a topic that is none of our business is ignored", async () => {
        const tea = await teaStory();
        await tells(tea, "{}", { topic: "products/update" });
        await workOff();
        expect(await deliveriesOf(tea)).toMatchObject([{ status: "ignored" }]);
    });
});

test("two shops with equal order numbers and tokens do not see each other", async () => {
    const [tea, other] = [await teaStory(), await teaStory()];
    const id = newOrderId();
    await buys(tea, { id, clientId: tea.cleo.clientId });
    await buys(other, { id, clientId: tea.cleo.clientId });

    expect(await owed(tea)).toHaveLength(2);
    // At the other shop nobody referred whoever this browser is there.
    expect(await owed(other)).toEqual([]);
});
