import { type Content, find } from "./dom";
import { problemText } from "./problemText";

type State = "locked" | "ready" | "busy" | "done";

/** A button that becomes its result. When it does not work out, it says why and can be pressed again. */
export class Step {
    private readonly root: HTMLElement;
    private readonly button: HTMLButtonElement;
    private readonly result: HTMLElement;
    private readonly problem: HTMLElement;

    constructor(
        id: string,
        private readonly work: () => Promise<readonly Content[]>
    ) {
        this.root = find(`#${id}`);
        this.button = find<HTMLButtonElement>(".action", this.root);
        this.result = find(".result", this.root);
        this.problem = find(".problem", this.root);
        this.button.addEventListener("click", () => void this.run());
    }

    ready(): void {
        this.enter("ready");
    }

    private async run(): Promise<void> {
        this.enter("busy");
        this.problem.textContent = "";
        try {
            this.result.replaceChildren(...(await this.work()));
            this.enter("done");
        } catch (error) {
            this.problem.textContent = problemText(error);
            this.enter("ready");
            this.button.focus();
        }
    }

    private enter(state: State): void {
        this.root.dataset["state"] = state;
        this.button.disabled = state !== "ready";
    }
}
