import { find } from "./dom";

const stations = ["received", "confirmed", "decided", "paid"] as const;
export type Station = (typeof stations)[number];
type State = "waiting" | "now" | "done" | "stopped";

/** The four stations of a reward's way. The one after the last that was reached is the one that is waited for. */
export class Timeline {
    private readonly root = find("#way");
    /** What the page says of each before anything happened. */
    private readonly promises = new Map(
        stations.map((station) => [station, find(".what", this.part(station)).textContent])
    );
    private beganAt = "";

    begin(): void {
        for (const station of stations) this.show(station, "waiting");
        this.show("received", "now");
        this.tell("");
    }

    /** `at` is the server's word for when; what a station says stays when it is left out. */
    reach(station: Station, text: string, at?: string | null): void {
        this.show(station, "done");
        find(".what", this.part(station)).textContent = text;
        find(".when", this.part(station)).textContent = at ? this.timeText(station, at) : "";
        const next = stations[stations.indexOf(station) + 1];
        if (next && this.part(next).dataset["state"] === "waiting") this.show(next, "now");
    }

    stop(station: Station, text: string): void {
        this.show(station, "stopped");
        find(".what", this.part(station)).textContent = text;
    }

    tell(problem: string): void {
        find(".problem", this.root).textContent = problem;
    }

    private timeText(station: Station, at: string): string {
        if (station === "received") {
            this.beganAt = at;
            return new Date(at).toLocaleTimeString();
        }
        const seconds = (Date.parse(at) - Date.parse(this.beganAt)) / 1_000;
        return `${seconds.toFixed(2)} s later`;
    }

    private show(station: Station, state: State): void {
        const part = this.part(station);
        part.dataset["state"] = state;
        if (state !== "waiting") return;
        find(".what", part).textContent = this.promises.get(station) ?? "";
        find(".when", part).textContent = "";
    }

    private part(station: Station): HTMLElement {
        return find(`[data-station="${station}"]`, this.root);
    }
}
