/**
 * `bun run demo:cli`: the main job over HTTP, from a merchant's sign-in to tokens in two wallets, with Shopify's
 * own sample order. Needs a development server (`npm run dev`); `--url` says where.
 */
import { randomInt, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Merchant } from "../test/fixtures/story/Merchant";
import { Person } from "../test/fixtures/story/Person";
import type { Shop } from "../test/fixtures/story/Shop";

const { values } = parseArgs({
    options: { url: { type: "string", default: "http://localhost:3030" } },
});
const startedAt = performance.now();

await play(values.url);

async function play(url: string): Promise<void> {
    const { ada, shop, campaign } = await openShop(url);
    const ben = new Person("Ben", url, ada.id);
    const cleo = new Person("Cleo", url, ada.id);
    await refer(ben, cleo);
    await buy(shop, cleo, ben);
    await step("Cleo makes a wallet; what her browser earned is hers", () => cleo.makeWallet());
    await step("Cleo is paid on chain", () => untilPaid(cleo));
    for (const person of [ben, cleo]) {
        const { balances } = await person.balance();
        const held = `${balances[0]?.amount} base units of ${balances[0]?.symbol}`;
        say(`${person.name}'s wallet ${person.session?.wallet} holds ${held}`);
    }
    const { budgets } = await ada.campaign(campaign.id);
    say(`Ada's budget used: ${budgets[0]?.used.amount}`);
    say(`the whole story: ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);
}

async function openShop(url: string) {
    const ada = new Merchant(url);
    await step("Ada signs in with her own key (SIWE)", () => ada.signIn());
    const domain = `tea-${randomUUID().slice(0, 8)}.localhost`;
    await step(`Ada registers ${domain}; her bank is on its way`, () =>
        ada.register("Ada's Tea", domain)
    );
    const shop = await step("Ada connects her Shopify shop", () => ada.connectShopify());
    const campaign = await step("Ada publishes: 5 % for who refers, 2 tokens for who buys", () =>
        ada.launch()
    );
    await step("Ada's bank stands on chain", () =>
        until(async () => (await ada.bank()).status === "open")
    );
    await step("Ada puts 500 test tokens into it", () => ada.fund("500"));
    await step("The tokens are there", () =>
        until(async () => (await ada.bank()).balances[0]?.amount === "500000000")
    );
    return { ada, shop, campaign };
}

async function refer(ben: Person, cleo: Person): Promise<void> {
    await step("Ben makes a wallet with a passkey", () => ben.makeWallet());
    const { code } = await step("Ben gets his link to share", () => ben.shareLink());
    const { referred } = await step("Cleo comes through Ben's link", () => cleo.arrive(code));
    if (!referred) throw new Error("Cleo was not seen as referred");
}

async function buy(shop: Shop, cleo: Person, ben: Person): Promise<void> {
    const id = `82098291194${randomInt(1_000_000, 9_999_999)}`;
    const toldAt = performance.now();
    await step(`The shop tells of Cleo's order ${id} (signed, id beyond 2^53)`, async () => {
        const answer = await shop.tellOfOrder({ id, clientId: cleo.clientId });
        return `${answer.status} ${await answer.text()}`;
    });
    await step("Ben's reward is decided", () =>
        until(async () => (await ben.rewards()).length === 1)
    );
    const [reward] = await ben.rewards();
    await step("Why Ben gets it", () => ben.why(reward?.id ?? ""));
    await step("Ben is paid on chain", () => untilPaid(ben));
    const seconds = ((performance.now() - toldAt) / 1_000).toFixed(2);
    say(`from webhook to tokens in Ben's wallet: ${seconds} s`);
}

function untilPaid(person: Person): Promise<void> {
    return until(async () => (await person.rewards())[0]?.status === "settled");
}

async function step<T>(text: string, work: () => Promise<T>): Promise<T> {
    const before = performance.now();
    const result = await work();
    say(`${text}  (${Math.round(performance.now() - before)} ms)`);
    if (result !== undefined) console.log(`            ${shown(result)}`);
    return result;
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
    const giveUpAt = performance.now() + 60_000;
    while (!(await isSo())) {
        if (performance.now() > giveUpAt)
            throw new Error("It did not come to pass within a minute");
        await sleep(100);
    }
}

function shown(result: unknown): string {
    const text = typeof result === "string" ? result : JSON.stringify(result);
    return text.length > 400 ? `${text.slice(0, 400)}…` : text;
}

function say(text: string): void {
    console.log(`${((performance.now() - startedAt) / 1_000).toFixed(2).padStart(8)} s  ${text}`);
}
