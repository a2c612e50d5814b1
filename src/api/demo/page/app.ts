import { ask } from "./ask";
import { Decision } from "./Decision";
import { code, element, find } from "./dom";
import { type Board, follow } from "./follow";
import { Payout } from "./Payout";
import { Person } from "./Person";
import { problemText } from "./problemText";
import { Step } from "./Step";
import type { Bank, Campaign, Shop, TokenAmount } from "./shapes";
import { showHolding } from "./showHolding";
import { Timeline } from "./Timeline";
import { offerTexts } from "./words";

await open().catch((error) => {
    find("#notice").textContent = problemText(error);
});

async function open(): Promise<void> {
    if (!isSecureContext || !("PublicKeyCredential" in globalThis)) {
        throw new Error(
            "This browser offers no passkeys at this address. Open it as http://localhost."
        );
    }
    const [shop, campaign, token] = await Promise.all([
        ask<Shop>("/demo/shop"),
        ask<Campaign>("/demo/shop/campaign"),
        showBank(),
    ]);
    find("#shop-name").textContent = shop.name;
    find("#shop-domain").textContent = shop.domain;
    const offer = offerTexts(campaign.definition, token);
    find("#offer").replaceChildren(...offer.map((text) => element("li", "", [text])));
    play(shop, token);
}

/** The steps of the story; each makes ready what can come after it. */
function play({ merchantId, name }: Shop, token: TokenAmount): void {
    const ben = new Person("Ben", merchantId);
    const cleo = new Person("Cleo", merchantId);
    const payouts = [new Payout(ben), new Payout(cleo)];
    const board = { timeline: new Timeline(), decision: new Decision(token), payouts };
    let link = "";

    const benWallet = new Step("ben-wallet", async () => {
        const wallet = await openWallet(ben);
        benLink.ready();
        return wallet;
    });
    const benLink = new Step("ben-link", async () => {
        link = (await ben.shareLink()).url;
        cleoArrival.ready();
        return [code(link)];
    });
    const cleoArrival = new Step("cleo-arrival", async () => {
        const { referred } = await cleo.arrive(link);
        cleoWallet.ready();
        purchase.ready();
        return [
            referred
                ? `${name} knows: Ben brought her.`
                : `${name} saw her, but not who brought her.`,
        ];
    });
    const cleoWallet = new Step("cleo-wallet", () => openWallet(cleo));
    const purchase = new Step("purchase", async () => {
        const orderId = await buy(cleo, board, () => purchase.ready());
        return ["Paid. The shop told of order ", code(orderId)];
    });
    benWallet.ready();
}

/** Has the shop tell of an order of the chosen basket; what follows from it is shown as it happens. */
async function buy(buyer: Person, board: Board, onOver: () => void): Promise<string> {
    const basket = find<HTMLInputElement>("[name=basket]:checked");
    for (const payout of board.payouts) await payout.begin();
    const json = { clientId: buyer.browser, total: basket.value };
    type Told = { orderId: string; deliveryId: string };
    const { orderId, deliveryId } = await ask<Told>("/demo/orders", { json });

    board.decision.begin();
    board.timeline.begin();
    void watch(deliveryId, board).finally(onOver);
    return orderId;
}

async function watch(deliveryId: string, board: Board): Promise<void> {
    try {
        await follow(deliveryId, board);
        await showBank();
    } catch (error) {
        board.timeline.tell(problemText(error));
    }
}

/** Pressed again after it went wrong half-way, it makes no second wallet. */
async function openWallet(person: Person): Promise<Node[]> {
    const { wallet } = person.session ?? (await person.makeWallet());
    const balance = await person.balance();
    if (balance) showHolding(person.card, balance);
    const address = element("div", "fact", [element("span", "label", ["Wallet"]), code(wallet)]);
    return [address, ...signInAgain(person)];
}

/** As on a new day, or after a session's end. */
function signInAgain(person: Person): Node[] {
    const button = element("button", "again", ["Sign in again with this passkey"]);
    const told = element("p", "told");
    button.type = "button";
    told.role = "status";
    button.addEventListener("click", async () => {
        button.disabled = true;
        const before = person.session?.wallet;
        const after = await person.signIn().catch(problemText);
        told.textContent = typeof after === "string" ? after : signedIn(after.wallet === before);
        button.disabled = false;
    });
    return [button, told];
}

const signedIn = (isSame: boolean): string =>
    isSame ? "Signed in: the same wallet." : "Signed in, but to another wallet.";

async function showBank(): Promise<TokenAmount> {
    const { balances } = await ask<Bank>("/demo/shop/bank");
    const [balance] = balances;
    if (!balance) throw new Error("This server has no token to pay rewards in: set REWARD_ASSETS");
    showHolding("shop", balance);
    return balance;
}
