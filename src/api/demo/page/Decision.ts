import { element, find } from "./dom";
import type { Evaluation } from "./shapes";
import { outcomeText, type Reason, reasonsOf, type Token } from "./words";

/** Why it was decided as it was, in words. */
export class Decision {
    private readonly root = find("#why");

    constructor(private readonly token: Token) {}

    begin(): void {
        this.root.hidden = true;
    }

    show(evaluation: Evaluation): void {
        const reasons = reasonsOf(evaluation, this.token).map(reasonItem);
        this.root.replaceChildren(
            element("p", "whose", ["Why"]),
            element("p", "outcome", [outcomeText(evaluation)]),
            element("ul", "reasons", reasons)
        );
        this.root.hidden = false;
    }
}

function reasonItem({ text, met }: Reason): HTMLElement {
    const item = element("li", "", [text]);
    item.dataset["met"] = met === undefined ? "told" : String(met);
    return item;
}
