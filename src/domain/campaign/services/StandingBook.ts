import { type CalendarWindow, windowStart } from "@/utils/calendar";
import type { CampaignId, GroupId } from "@/utils/ids";
import { budgetLimit } from "./budgeting";
import type { Decision } from "./decision";
import type { Budget, Definition } from "./definition";
import type { CapName, CapOf, Facts, Standing } from "./facts";

export type BudgetWindow = {
    campaignId: CampaignId;
    name: string;
    windowStartsAt: Date;
    limit: bigint;
};
export type CapWindow = {
    campaignId: CampaignId;
    name: CapName;
    groupId: GroupId;
    windowStartsAt: Date;
};

/** What a campaign's decision is about: the version that governs, and what happened. */
export type Governed = { campaignId: CampaignId; definition: Definition; facts: Facts };

type Budgeted = Omit<Governed, "facts"> & { facts: Pick<Facts, "timeZone" | "asset"> };

/** What a decision takes; below zero what it gives back. */
export type Taking = Pick<Decision, "taken" | "caps" | "queued">;

/** A budget's window is that of the moment of deciding. */
export function budgetWindows(
    { campaignId, definition, facts }: Budgeted,
    at: Date
): BudgetWindow[] {
    return (definition.budget ?? []).map((budget: Budget) => ({
        campaignId,
        name: budget.name,
        windowStartsAt: windowStart(budget.window, at, facts.timeZone),
        limit: budgetLimit(budget, definition, facts.asset.decimals),
    }));
}

/** A person's period is that of what they did. */
export function capWindow({ campaignId, definition, facts }: Governed, cap: CapOf): CapWindow {
    const isPeriod = cap.name.startsWith("perUserPeriod");
    const period = definition.limits?.perUserPeriod?.window;
    const window: CalendarWindow = isPeriod && period ? period : "total";
    const windowStartsAt = windowStart(window, facts.occurredAt, facts.timeZone);
    return { campaignId, name: cap.name, groupId: cap.groupId, windowStartsAt };
}

/**
 * What campaigns have paid so far, while one decision after another adds to it. In the running system it is
 * filled from locked rows; in a simulation it begins empty.
 */
export class StandingBook {
    private readonly budgets = new Map<string, { used: bigint; limit: bigint }>();
    private readonly caps = new Map<string, bigint>();
    private readonly queueing = new Set<CampaignId>();

    putBudget(window: BudgetWindow & { used: bigint }): void {
        this.budgets.set(budgetKey(window), window);
    }

    putCap(window: CapWindow & { used: bigint }): void {
        this.caps.set(capWindowKey(window), window.used);
    }

    markQueueing(campaignId: CampaignId): void {
        this.queueing.add(campaignId);
    }

    standing(governed: Governed, at: Date): Standing {
        const windows = budgetWindows(governed, at);
        const known = windows.flatMap((one) => {
            const budget = this.budgets.get(budgetKey(one));
            return budget ? [{ name: one.name, ...budget }] : [];
        });
        return {
            budgets: new Map(known.map(({ name, used }) => [name, used])),
            limits: new Map(known.map(({ name, limit }) => [name, limit])),
            caps: { get: (cap) => this.caps.get(capWindowKey(capWindow(governed, cap))) },
            isQueueing: this.queueing.has(governed.campaignId),
        };
    }

    take(governed: Governed, at: Date, { taken, caps, queued }: Taking): void {
        for (const { name, amount } of taken) this.add(governed, at, { name, amount });
        for (const cap of caps) {
            const key = capWindowKey(capWindow(governed, cap));
            this.caps.set(key, (this.caps.get(key) ?? 0n) + cap.amount);
        }
        if (queued) this.markQueueing(governed.campaignId);
    }

    private add(governed: Governed, at: Date, { name, amount }: { name: string; amount: bigint }) {
        const window = budgetWindows(governed, at).find((one) => one.name === name);
        if (!window) throw new Error(`There is no budget ${name}`);
        const key = budgetKey(window);
        const known = this.budgets.get(key) ?? { used: 0n, limit: window.limit };
        this.budgets.set(key, { ...known, used: known.used + amount });
    }
}

const budgetKey = ({ campaignId, name, windowStartsAt }: Omit<BudgetWindow, "limit">): string =>
    `${campaignId}:${windowStartsAt.getTime()}:${name}`;
const capWindowKey = ({ campaignId, name, groupId, windowStartsAt }: CapWindow): string =>
    `${campaignId}:${name}:${groupId}:${windowStartsAt.getTime()}`;
