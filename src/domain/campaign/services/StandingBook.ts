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
    return (definition.budget ?? []).map((budget) => ({
        ...budgetWindow({ campaignId, facts }, budget, at),
        limit: budgetLimit(budget, definition, facts.asset.decimals),
    }));
}

const budgetWindow = (
    { campaignId, facts }: Pick<Budgeted, "campaignId" | "facts">,
    { name, window }: Budget,
    at: Date
) => ({ campaignId, name, windowStartsAt: windowStart(window, at, facts.timeZone) });

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

    /** Looked up when it is asked for: most campaigns decide without. */
    standing(governed: Governed, at: Date): Standing {
        const budgetOf = (name: string) => {
            const budget = findBudget(governed, name);
            return budget && this.budgets.get(budgetKey(budgetWindow(governed, budget, at)));
        };
        return {
            budgets: { get: (name) => budgetOf(name)?.used },
            limits: { get: (name) => budgetOf(name)?.limit },
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
        const budget = findBudget(governed, name);
        if (!budget) throw new Error(`There is no budget ${name}`);
        const { definition, facts } = governed;
        const key = budgetKey(budgetWindow(governed, budget, at));
        const { used, limit } = this.budgets.get(key) ?? {
            used: 0n,
            limit: budgetLimit(budget, definition, facts.asset.decimals),
        };
        this.budgets.set(key, { used: used + amount, limit });
    }
}

const findBudget = ({ definition }: Governed, name: string): Budget | undefined =>
    definition.budget?.find((one) => one.name === name);

export const budgetKey = ({
    campaignId,
    name,
    windowStartsAt,
}: Omit<BudgetWindow, "limit">): string => `${campaignId}:${windowStartsAt.getTime()}:${name}`;
const capWindowKey = ({ campaignId, name, groupId, windowStartsAt }: CapWindow): string =>
    `${campaignId}:${name}:${groupId}:${windowStartsAt.getTime()}`;
