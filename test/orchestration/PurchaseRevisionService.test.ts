import { createHmac, randomInt, randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { sql } from "drizzle-orm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { signed } from "@/api/demo/shopifyOrder";
import { PurchasesContext } from "@/domain/purchases";
import { netOf } from "@/domain/purchases/services/netOf";
import { database } from "@/infrastructure/persistence/postgres";
import { OrchestrationContext } from "@/orchestration";
import type { MerchantId } from "@/utils/ids";
import { auditAtLeisure } from "../fixtures/books";
import { lawfulStory } from "../fixtures/chainOfFour";
import {
    type Chapter,
    chaptersOf,
    lives,
    shuffledOf,
    wooChaptersOf,
    wooLives,
} from "../fixtures/lifecycle";
import { mergedOf } from "../fixtures/mergedOf";
import { timesOf } from "../fixtures/timesOf";
import { twinOrder } from "../fixtures/twinOrder";

const { purchaseIntake, evaluation } = OrchestrationContext;
const { inbox } = PurchasesContext.services;

/** How many lives of orders go through inbox, worker, rewards, budgets and books; with `LAW_SEED`, the same ones. */
const runs = timesOf({ everyDay: 150, thorough: 10_000 });
const seed = Number(process.env["LAW_SEED"] ?? randomInt(1_000_000_000));

type Shop = Awaited<ReturnType<typeof lawfulStory>>;
type Platform = "shopify" | "woocommerce";
/** An order's life: what the shop said in order, what reached us, and before which of it everything was worked off. */
type Life = {
    platform: Platform;
    inOrder: readonly Chapter[];
    told: readonly Chapter[];
    pauses: readonly boolean[];
};

const ofPlatform = (platform: Platform) => (inOrder: readonly Chapter[]) =>
    fc.record({
        platform: fc.constant(platform),
        inOrder: fc.constant(inOrder),
        told: shuffledOf(inOrder),
        pauses: fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }),
    });

const livesAt = ({ cleo: { clientId } }: Shop): fc.Arbitrary<Life> => {
    const named = [{ name: "_client_id", value: clientId }];
    const meta = [{ key: "_client_id", value: clientId }];
    return fc.oneof(
        {
            weight: 3,
            arbitrary: lives
                .map((life) => chaptersOf(life, { note_attributes: named }))
                .chain(ofPlatform("shopify")),
        },
        {
            weight: 1,
            arbitrary: wooLives
                .map((life) => wooChaptersOf(life, { meta_data: meta }))
                .chain(ofPlatform("woocommerce")),
        }
    );
};

/** An hour from now: after everybody came through their links. */
const hour = new Date(Date.now() + 3_600_000).toISOString().slice(0, "2026-11-20T10:".length);
const idOf = (index: number) => `${8_000_000_000 + index}`;

/** Something that the shop says of an order, by the order's number. */
type Word = { platform: Platform; index: number; chapter: Chapter };

function arrives({ merchantId, secret, wooSecret }: Shop, { platform, index, chapter }: Word) {
    const { topic } = chapter;
    const text = JSON.stringify(chapter.body)
        .replaceAll("1001", idOf(index))
        .replaceAll("2026-11-20T10:", hour);
    const asWoo = () => ({
        "x-wc-webhook-topic": topic,
        "x-wc-webhook-signature": createHmac("sha256", wooSecret).update(text).digest("base64"),
    });
    const headers =
        platform === "shopify"
            ? signed(text, secret, { topic, webhookId: randomUUID() }).headers
            : asWoo();
    const raw = { merchantId, platform, headers, requestId: "law" };
    return inbox.receive({ ...raw, body: Buffer.from(text) });
}

/** What is told before each pause of an order comes at once, and of all orders together. */
function roundsOf(all: readonly Life[]): Word[][] {
    const rounds: Word[][] = [];
    for (const [index, { platform, told, pauses }] of all.entries()) {
        let round = 0;
        for (const [place, chapter] of told.entries()) {
            rounds[round] ??= [];
            rounds[round]?.push({ platform, index, chapter });
            if (pauses[place % pauses.length]) round++;
        }
    }
    return rounds;
}

/** The worker takes what came in its ordinary batches, of many orders each, and decides while it reads on. */
async function tellAll(shop: Shop, rounds: readonly Word[][]): Promise<void> {
    for (const words of rounds) {
        for (let start = 0; start < words.length; start += 1_000) {
            const some = words.slice(start, start + 1_000);
            await Promise.all(some.map((word) => arrives(shop, word)));
        }
        await Promise.all([purchaseIntake.processDue(), evaluation.evaluateDue()]);
    }
    await purchaseIntake.processDue();
    await evaluation.evaluateDue();
}

/** What each order is to come to: all that was said of it, in order, put together without a database. */
function endOf({ platform, inOrder }: Life) {
    const { purchase, lines, refunds } = mergedOf(platform, inOrder);
    return { purchase, net: netOf(purchase, lines, refunds) };
}

const earning = new Set(["confirmed", "partiallyRefunded"]);

function twinsOf(all: readonly Life[], { cleo: { clientId } }: Shop): Word[] {
    return all.flatMap((life, index) => {
        const { purchase, net } = endOf(life);
        if (!earning.has(purchase.status)) return [];
        const chapter = { topic: "orders/paid", body: twinOrder(net, clientId) };
        return [{ platform: "shopify", index, chapter }];
    });
}

async function purchasesOf({ merchantId }: Shop): Promise<Map<string, unknown>> {
    const rows = await database.rows<{ id: string; state: unknown }>(sql`
        select external_id as id, jsonb_build_array(status, total::text, subtotal::text, refunded::text) as state
        from purchases where merchant_id = ${merchantId}`);
    return new Map(rows.map(({ id, state }) => [id, state]));
}

/** Who is owed what for which order, where two shops differ in it. */
const differencesIn = (one: MerchantId, other: MerchantId) =>
    database.rows(sql`
        with owed as (
            select purchase.merchant_id, purchase.external_id, concat_ws(' ', campaign.name, reward.asset,
                reward.recipient, reward.chain_depth) as who, sum(reward.amount) as amount
            from rewards reward join purchases purchase on purchase.id = reward.purchase_id
            join campaigns campaign on campaign.id = reward.campaign_id
            where purchase.merchant_id in (${one}, ${other})
            group by 1, 2, 3 having sum(reward.amount) > 0)
        select external_id, who, told.amount, placed.amount as "asPlaced"
        from (select * from owed where merchant_id = ${one}) told
        full join (select * from owed where merchant_id = ${other}) placed using (external_id, who)
        where told.amount is distinct from placed.amount limit 10`);

/** Where a shop's budgets, caps and books stand, whoever the people in them are. */
const standingOf = ({ merchantId }: Shop) =>
    database.rows(sql`
        select concat_ws(' ', 'budget', campaign.name, budget.name) as what, sum(used) as amount
        from campaign_budgets budget join campaigns campaign on campaign.id = budget.campaign_id
        where campaign.merchant_id = ${merchantId} group by 1
        union all
        select concat_ws(' ', 'cap', campaign.name, cap.name, place), used
        from (select *, row_number() over (partition by campaign_id, name order by used) as place
            from campaign_caps where used > 0) cap
        join campaigns campaign on campaign.id = cap.campaign_id
        where campaign.merchant_id = ${merchantId}
        union all
        select concat_ws(' ', 'balance', account.kind, account.asset,
                row_number() over (partition by account.kind, account.asset order by balance.balance)), balance.balance
        from ledger_balances balance join ledger_accounts account on account.id = balance.account_id
        where account.merchant_id = ${merchantId} and balance.balance <> 0
        order by 1`);

describe("what orders earn", () => {
    test(`is what their nets earn, for everybody, whatever came first and however often (${runs} lives)`, async () => {
        const [shop, twin] = [await lawfulStory(), await lawfulStory()];
        const all = fc.sample(livesAt(shop), { numRuns: runs, seed });
        await tellAll(shop, roundsOf(all));
        await tellAll(twin, [twinsOf(all, twin)]);

        const known = await purchasesOf(shop);
        const astray = all.flatMap((life, index) => {
            const { status, total, subtotal, refunded } = endOf(life).purchase;
            const expected = [status, `${total}`, `${subtotal}`, `${refunded}`];
            const actual = known.get(idOf(index));
            return isDeepStrictEqual(actual, expected) ? [] : [{ index, expected, actual }];
        });
        const differences = await differencesIn(shop.merchantId, twin.merchantId);
        const about = differences.map(({ external_id: id }) => all[Number(id) - Number(idOf(0))]);
        expect({ seed, astray, differences, about }).toEqual({
            seed,
            astray: [],
            differences: [],
            about: [],
        });
        expect(await standingOf(shop)).toEqual(await standingOf(twin));
        expect(await auditAtLeisure()).toEqual([]);
        const [grown] = await database.rows<{ count: string }>(sql`
            select count(*) from later_decisions later join interactions on id = later.interaction_id
            where merchant_id = ${shop.merchantId}`);
        expect(Number(grown?.count)).toBeGreaterThan(runs / 100);
    }, 7_200_000);
});
