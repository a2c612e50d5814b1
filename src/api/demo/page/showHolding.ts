import { tokenText } from "./amounts";
import { find } from "./dom";
import type { TokenAmount } from "./shapes";

/** What somebody holds now, at the head of their card: `ben`, `cleo` or `shop`. */
export function showHolding(card: string, amount: TokenAmount): void {
    const place = find(`#${card} .balance`);
    find(".holds", place).textContent = tokenText(amount);
    place.hidden = false;
}
