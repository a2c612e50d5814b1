import { sql } from "drizzle-orm";
import { afterEach, describe, expect, test } from "vitest";
import { CampaignContext } from "@/domain/campaign";
import { laterDecisions } from "@/domain/campaign/db/schema";
import { MerchantContext } from "@/domain/merchant";
import { PurchasesContext } from "@/domain/purchases";
import { database } from "@/infrastructure/persistence/postgres";
import { OrchestrationContext } from "@/orchestration";
import { ReadContext } from "@/orchestration/read";
import type { GroupId } from "@/utils/ids";
import { audit } from "../fixtures/books";
import { byTier, chainStory, fromFifty, launches } from "../fixtures/chainOfFour";
import { newOrderId, type Tea, teaStory, workOff } from "../fixtures/tea";

const { inbox } = PurchasesContext.services;
const { campaigns, decisions } = CampaignContext.services;
const { arrival, identityMerge, purchaseIntake, queuePromotion } = OrchestrationContext;

afterEach(async () => {
    expect(await audit()).toEqual([]);
});

type Said = { tea?: string; price?: string; refunds?: readonly string[] };
let minute = 0;

/** Ada's other shop tells of Cleo's order as it is now, refunds and all; nothing is processed yet. */
async function tells({ merchantId, cleo }: Tea, id: string, said: Said): Promise<void> {
    const { tea = "7", price = "10.00", refunds = [] } = said;
    const at = new Date(Date.now() + 60_000 * ++minute).toISOString().slice(0, 19);
    const order = {
        id: Number(id.slice(-9)),
        status: "processing",
        currency: "EUR",
        date_paid_gmt: new Date(Date.now() + 1_000).toISOString().slice(0, 19),
        date_modified_gmt: at,
        total: price,
        meta_data: [{ key: "_client_id", value: cleo.clientId }],
        line_items: [{ id: 1, product_id: Number(tea), quantity: 1, total: price }],
        refunds: refunds.map((total, index) => ({ id: index + 1, total: `-${total}` })),
    };
    const shop = { merchantId, platform: "woocommerce" } as const;
    await inbox.fetched(shop, "order.updated", JSON.stringify(order));
}

async function says(tea: Tea, id: string, said: Said): Promise<void> {
    await tells(tea, id, said);
    await workOff();
}

/** What everybody is owed for an order, by who they are in it. */
async function owedFor({ merchantId }: Tea, id: string): Promise<Record<string, string>> {
    const rows = await database.rows<{ who: string; amount: string }>(sql`
        select concat_ws(' ', reward.asset, reward.recipient, reward.chain_depth) as who,
            sum(reward.amount)::text as amount
        from rewards reward join purchases purchase on purchase.id = reward.purchase_id
        where purchase.merchant_id = ${merchantId} and purchase.external_id = ${id.slice(-9)}
        group by 1 having sum(reward.amount) > 0 order by 1`);
    return Object.fromEntries(rows.map(({ who, amount }) => [who, amount]));
}

const usedOf = async ({ campaignId }: Pick<Tea, "campaignId">) => {
    const [row] = await database.rows<{ used: string; limit: string }>(sql`
        select sum(used)::text as used, max("limit")::text as limit
        from campaign_budgets where campaign_id = ${campaignId}`);
    return row;
};
const capsOf = async ({ campaignId }: Pick<Tea, "campaignId">) => {
    const rows = await database.rows<{ used: string }>(sql`
        select used::text from campaign_caps where campaign_id = ${campaignId} and used > 0`);
    return rows.map(({ used }) => used);
};

const big = { price: "60.00" };
const two = { fixed: { amount: "2.00" } };
const cleoGetsTwo = {
    ...fromFifty,
    rewards: [{ recipient: "referee", asset: "token", amount: two }],
    limits: {},
};
const cleoGetsTenth = {
    ...cleoGetsTwo,
    conditions: undefined,
    rewards: [
        {
            recipient: "referee",
            asset: "points",
            amount: { percent: { of: "total", percent: "10" } },
        },
    ],
};
const withBudget = (definition: object, amount: string, onExhausted = "skip") => ({
    ...definition,
    budget: [{ name: "total", window: "total", amount, onExhausted }],
});

describe("an order that becomes larger", () => {
    test("earns what it would have earned, for everybody, once; and back, and again", async () => {
        const tea = await chainStory(fromFifty);
        const [placed, grown] = [newOrderId(), newOrderId()];
        await says(tea, placed, big);
        await says(tea, grown, {});
        expect(await owedFor(tea, grown)).toEqual({});
        const [whole] = [await owedFor(tea, placed)];
        expect(Object.keys(whole)).toHaveLength(6);

        for (const _ of [1, 2]) {
            await says(tea, grown, big);
            await says(tea, grown, big);
            expect(await owedFor(tea, grown)).toEqual(whole);
            expect(await usedOf(tea)).toMatchObject({ used: `${2 * 4_000_001}` });
            expect(await capsOf(tea)).toEqual(["2"]);
            await says(tea, grown, {});
            expect(await owedFor(tea, grown)).toEqual({});
            expect(await usedOf(tea)).toMatchObject({ used: "4000001" });
            expect(await capsOf(tea)).toEqual(["1"]);
        }
        const [first] = await ReadContext.why.findOfGroup(tea.merchantId, await cleoOf(tea), 1);
        expect(first?.traces.map(({ outcome }) => outcome)).toEqual(["notMatched", "rewarded"]);
    });

    test("earns for what was added to it, where it earned something already", async () => {
        const tea = await chainStory(byTier);
        const [placed, grown] = [newOrderId(), newOrderId()];
        await says(tea, placed, { tea: "8", price: "50.00" });
        await says(tea, grown, { price: "30.00" });
        expect(await owedFor(tea, grown)).toEqual({ "token referrer 0": "1000000" });
        await says(tea, grown, { tea: "8", price: "50.00" });
        const owed = await owedFor(tea, grown);
        expect(Object.keys(owed)).toEqual(["token referee 0", "token referrer 0"]);
        expect(owed).toEqual(await owedFor(tea, placed));
    });

    test("earns under the version of its own time", async () => {
        const tea = await teaStory({ definition: cleoGetsTwo });
        const id = newOrderId();
        await says(tea, id, {});
        const rewards = [{ ...cleoGetsTwo.rewards[0], amount: { fixed: { amount: "99.00" } } }];
        const change = { definition: { ...cleoGetsTwo, rewards }, changedBy: tea.ada };
        const asset = MerchantContext.services.merchants.assetOf(undefined);
        await campaigns.change(tea.campaignId, change, { asset, timeZone: "UTC" });
        await says(tea, id, big);
        expect(await owedFor(tea, id)).toEqual({ "token referee 0": "2000000" });
    });

    test("takes what there is left of a budget, and never more, over four workers at once", async () => {
        const tea = await teaStory({ definition: withBudget(cleoGetsTwo, "10.00") });
        const ids = Array.from({ length: 20 }, newOrderId);
        for (const id of ids) await tells(tea, id, {});
        await workOff();
        for (const id of ids) await tells(tea, id, big);
        await Promise.all([1, 2, 3, 4].map(() => purchaseIntake.processDue()));
        await workOff();
        const owed = await Promise.all(ids.map((id) => owedFor(tea, id)));
        expect(owed.filter((one) => one["token referee 0"] === "2000000")).toHaveLength(5);
        expect(await usedOf(tea)).toEqual({ used: "10000000", limit: "10000000" });
    });

    test("keeps what it earned where others left no room for more", async () => {
        const tea = await teaStory({ definition: withBudget(cleoGetsTenth, "1000000") });
        const [first] = [newOrderId()];
        await says(tea, first, { price: "50.00" });
        const { "points referee 0": before } = await owedFor(tea, first);
        expect(Number(before)).toBeGreaterThan(0);
        await database.rows(sql`
            update campaign_budgets set "limit" = used where campaign_id = ${tea.campaignId}`);
        await says(tea, first, { price: "90.00" });
        expect(await owedFor(tea, first)).toEqual({ "points referee 0": before });
        expect(await usedOf(tea)).toEqual({ used: before, limit: before });
        await says(tea, first, { price: "40.00" });
        const { "points referee 0": less } = await owedFor(tea, first);
        expect(Number(less)).toBeLessThan(Number(before));
    });

    test("finds a cap taken by an order that came between", async () => {
        const once = { ...cleoGetsTwo, limits: { perUser: { count: 1 } } };
        const tea = await teaStory({ definition: once });
        const [first, between] = [newOrderId(), newOrderId()];
        await says(tea, first, {});
        await says(tea, between, big);
        await says(tea, first, big);
        expect(await owedFor(tea, first)).toEqual({});
        expect(await owedFor(tea, between)).toEqual({ "token referee 0": "2000000" });
    });

    test("has an exclusive campaign take the place of the others, and give it back", async () => {
        const tea = await teaStory({ definition: cleoGetsTenth });
        const alone = { name: "Alone", definition: cleoGetsTwo, priority: 5 };
        await launches(tea, { ...alone, stacking: "exclusive" });
        const [id, placed] = [newOrderId(), newOrderId()];
        await says(tea, id, {});
        const small = await owedFor(tea, id);
        expect(Object.keys(small)).toEqual(["points referee 0"]);
        await says(tea, id, big);
        expect(await owedFor(tea, id)).toEqual({ "token referee 0": "2000000" });
        await says(tea, id, {});
        expect(await owedFor(tea, id)).toEqual(small);
        // Placed large, and refunded to what is small: the same, though the one had given way when it was decided.
        await says(tea, placed, big);
        await says(tea, placed, { ...big, refunds: ["50.00"] });
        expect(await owedFor(tea, placed)).toEqual(small);
    });

    test("brings nobody anything for themselves who turned out to be who brought them", async () => {
        const tea = await chainStory(fromFifty);
        const id = newOrderId();
        await says(tea, id, {});
        const keys = [tea.ben.key, tea.cleo.key];
        await identityMerge.unite({ keys, reason: "test", evidence: {} });
        await says(tea, id, big);
        expect(await owedFor(tea, id)).toEqual({});
    });

    test("says in what it owes then no more of whoever is forgotten than in what it owed", async () => {
        const tea = await teaStory({ definition: cleoGetsTwo });
        const { merchantId, cleo } = tea;
        const utm = { source: "whispered" };
        await arrival.record({
            merchantId,
            visitor: cleo.key,
            referralCode: tea.code,
            landingUrl: undefined,
            utm,
        });
        const id = newOrderId();
        await says(tea, id, {});
        await says(tea, id, big);
        const textOf = async () =>
            JSON.stringify(await database.current.select().from(laterDecisions));
        expect(await textOf()).toContain("whispered");
        const whose = { groupId: await cleoOf(tea), merchantId };
        await database.transaction(() => decisions.erase(whose));
        expect(await textOf()).not.toContain("whispered");
        const changed = database.current.update(laterDecisions).set({ traces: [] });
        await expect(changed).rejects.toMatchObject({ cause: { message: /append-only/ } });
    });
});

describe("a refund that is undone", () => {
    test("takes its cap again, even where another order took it meanwhile", async () => {
        const once = { ...cleoGetsTwo, limits: { perUser: { count: 1 } } };
        const tea = await teaStory({ definition: once });
        const [first, second, third] = [newOrderId(), newOrderId(), newOrderId()];
        await says(tea, first, big);
        await says(tea, first, { ...big, refunds: ["60.00"] });
        expect(await capsOf(tea)).toEqual([]);
        await says(tea, second, big);
        await says(tea, first, big);
        await says(tea, third, big);
        expect(await owedFor(tea, first)).toEqual({ "token referee 0": "2000000" });
        expect(await owedFor(tea, third)).toEqual({});
        expect(await capsOf(tea)).toEqual(["2"]);
    });

    test("of part of an order gives back that part of a cap, and takes it again", async () => {
        const upTo = { ...cleoGetsTenth, limits: { perUser: { amount: "1000000" } } };
        const tea = await teaStory({ definition: upTo });
        const id = newOrderId();
        await says(tea, id, big);
        const whole = await owedFor(tea, id);
        await says(tea, id, { ...big, refunds: ["30.00"] });
        const part = await owedFor(tea, id);
        expect(part).not.toEqual(whole);
        expect(await capsOf(tea)).toEqual(Object.values(part));
        await says(tea, id, big);
        expect(await capsOf(tea)).toEqual(Object.values(whole));
    });

    test("waits in the line where it waited, and is owed for what is left when its turn comes", async () => {
        const definition = withBudget(cleoGetsTenth, "100000000", "queue");
        const tea = await teaStory({ definition });
        const [first, second, placed] = [newOrderId(), newOrderId(), newOrderId()];
        await says(tea, first, big);
        const { limit } = { limit: "0", ...(await usedOf(tea)) };
        await database.rows(sql`
            update campaign_budgets set "limit" = used where campaign_id = ${tea.campaignId}`);
        await says(tea, second, big);
        await says(tea, second, { ...big, refunds: ["60.00"] });
        await queuePromotion.promoteAll();
        expect(await owedFor(tea, second)).toEqual({});

        await says(tea, second, { price: "40.00" });
        await database.rows(sql`
            update campaign_budgets set "limit" = ${limit} where campaign_id = ${tea.campaignId}`);
        await queuePromotion.promoteAll();
        await says(tea, placed, { price: "40.00" });
        const owed = await owedFor(tea, second);
        expect(Object.keys(owed)).toEqual(["points referee 0"]);
        expect(owed).toEqual(await owedFor(tea, placed));
    });
});

async function cleoOf({ merchantId }: Tea): Promise<GroupId> {
    const [found] = await database.rows<{ id: GroupId }>(sql`
        select group_id as id from purchases where merchant_id = ${merchantId} limit 1`);
    return found?.id ?? ("" as GroupId);
}
