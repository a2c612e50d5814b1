import { tokenText } from "./amounts";
import { code, element, find } from "./dom";
import type { Person } from "./Person";
import type { Reward, RewardStatus, TokenAmount } from "./shapes";
import { showHolding } from "./showHolding";

const statuses: Record<RewardStatus, string> = {
    pending: "locked up for now",
    available: "waits for the next round of payments",
    waitsForFunds: "waits for funds in the shop's bank",
    settling: "on its way",
    settled: "paid",
    cancelled: "cancelled",
    expired: "expired",
};
const over = new Set<RewardStatus>(["settled", "cancelled", "expired"]);

/** What one person is owed for an order, until it is in their wallet. */
export class Payout {
    private readonly root: HTMLElement;
    private before: TokenAmount | undefined;
    private shown = "";

    constructor(readonly person: Person) {
        this.root = find(`#payout-${person.card}`);
    }

    /** Before an order: what the wallet holds is what the payment will be added to. */
    async begin(): Promise<void> {
        this.before = await this.person.balance();
        this.shown = "";
        this.root.hidden = true;
    }

    /** Shows where the reward stands. Says whether that was the end of its way. */
    async show(reward: Reward): Promise<boolean> {
        const { person } = this;
        const standing = `${reward.status} ${person.session?.wallet}`;
        if (standing !== this.shown) {
            const after = reward.status === "settled" ? await person.balance() : undefined;
            this.render(reward, after);
            if (after) showHolding(person.card, after);
            this.shown = standing;
        }
        return over.has(reward.status);
    }

    private render(reward: Reward, after: TokenAmount | undefined): void {
        const waitsForWallet = reward.status === "available" && !this.person.session;
        const status = waitsForWallet
            ? `waits for ${this.person.name}'s wallet`
            : statuses[reward.status];
        const chip = element("span", "chip", [status]);
        chip.dataset["status"] = reward.status;
        this.root.replaceChildren(
            element("p", "whose", [`${this.person.name} earned`]),
            element("p", "sum", [`+ ${tokenText(reward.amount)}`]),
            element("p", "", [chip]),
            ...(after ? [this.balances(after)] : []),
            ...(reward.txHash ? [labelled("Transaction", code(reward.txHash))] : [])
        );
        this.root.hidden = false;
    }

    private balances(after: TokenAmount): HTMLElement {
        const before = tokenText(this.before ?? { ...after, amount: "0" });
        const change = element("span", "change", [before, " → ", tokenText(after)]);
        return labelled("Wallet before → after", change);
    }
}

function labelled(label: string, content: HTMLElement): HTMLElement {
    return element("div", "fact", [element("span", "label", [label]), content]);
}
