import type { CampaignId, EvaluationId, InteractionId } from "@/utils/ids";
import type { Clock } from "@/utils/time";
import type { BudgetTakingRow, CampaignBudget, CampaignVersion, WaitingRow } from "../db/schema";
import type { BudgetRepository } from "../repositories/BudgetRepository";
import type { CampaignRepository } from "../repositories/CampaignRepository";
import type { InteractionRepository } from "../repositories/InteractionRepository";
import type { WaitingRewardRepository } from "../repositories/WaitingRewardRepository";
import type { Surroundings } from "./CampaignService";
import { budgetAsset } from "./recorded";
import { budgetWindows } from "./StandingBook";

/** What was waiting and is owed from now on. */
export type Promoted = { waiting: WaitingRow; version: CampaignVersion; grantedAt: Date };

/** Rewards that found their budget spent, and the windows that come after. */
export class WaitingRewardService {
    constructor(
        private readonly waiting: WaitingRewardRepository,
        private readonly campaigns: CampaignRepository,
        private readonly budgets: BudgetRepository,
        private readonly interactions: InteractionRepository,
        private readonly clock: Clock
    ) {}

    findQueueing(): Promise<CampaignId[]> {
        return this.waiting.findQueueing();
    }

    findFirst(campaignId: CampaignId, limit: number): Promise<WaitingRow[]> {
        return this.waiting.findFirst(campaignId, limit);
    }

    /**
     * Takes from the present windows what those in front of the line need, in order, and stops where it does not
     * suffice. What could not fit into an empty window, since its limit was lowered, lets others pass. Must be called
     * in a transaction that holds the people; `first` is the front of one campaign's line.
     */
    async promote(first: readonly WaitingRow[], surroundings: Surroundings): Promise<Promoted[]> {
        const live = await this.interactions.holdLive(first.map((one) => one.interactionId));
        const at = this.clock.now();
        const rows = await this.openWindows(first, surroundings, at);
        const ids = first.filter((one) => live.has(one.interactionId)).map(idOf);
        const line = await this.waiting.lock(ids);
        const promoted: Promoted[] = [];
        const takings: BudgetTakingRow[] = [];
        for (const waiting of line) {
            const version = rows.versions.get(waiting.campaignVersionId);
            if (!version) continue;
            const room = roomFor(waiting, rows.ofVersion(version, at));
            if (room === "never") continue;
            if (room === "notYet") break;
            for (const { budget, amount } of room) {
                budget.used += amount;
                takings.push(takingOf(waiting, version, { budget, amount }));
            }
            promoted.push({ waiting, version, grantedAt: at });
        }
        await this.budgets.take(takings);
        await this.waiting.markGranted(
            promoted.map(({ waiting }) => waiting.evaluationId),
            at
        );
        return promoted;
    }

    /** What waited for these interactions is not owed any more. */
    async voidOf(interactionIds: readonly InteractionId[]): Promise<void> {
        await this.waiting.voidOf(interactionIds);
    }

    /** What waited for these interactions and was not owed any more waits again, where it stood in the line. */
    async reviveOf(interactionIds: readonly InteractionId[]): Promise<void> {
        await this.waiting.reviveOf(interactionIds);
    }

    private async openWindows(
        line: readonly WaitingRow[],
        { asset, timeZone }: Surroundings,
        at: Date
    ) {
        const found = await this.campaigns.findVersionsById([
            ...new Set(line.map((one) => one.campaignVersionId)),
        ]);
        const windowsOf = ({ campaignId, definition }: CampaignVersion, moment: Date) =>
            budgetWindows({ campaignId, definition, facts: { asset, timeZone } }, moment);
        const windows = found.flatMap((version) => windowsOf(version, at));
        await this.budgets.open(windows.map((window) => ({ ...window, used: 0n })));
        const locked = new Map((await this.budgets.lock(windows)).map((row) => [keyOf(row), row]));
        return {
            versions: new Map(found.map((version) => [version.id, version])),
            ofVersion: (version: CampaignVersion, moment: Date) =>
                windowsOf(version, moment).flatMap((window) => locked.get(keyOf(window)) ?? []),
        };
    }
}

const idOf = ({ evaluationId }: WaitingRow): EvaluationId => evaluationId;
const keyOf = ({ name, windowStartsAt }: Pick<CampaignBudget, "name" | "windowStartsAt">): string =>
    `${windowStartsAt.getTime()}:${name}`;

type Need = { budget: CampaignBudget; amount: bigint };

function roomFor(
    { taken }: WaitingRow,
    budgets: readonly CampaignBudget[]
): Need[] | "notYet" | "never" {
    const needs = taken.flatMap(({ name, amount }) => {
        const budget = budgets.find((one) => one.name === name);
        return budget ? [{ budget, amount: BigInt(amount) }] : [];
    });
    if (needs.some(({ budget, amount }) => amount > budget.limit)) return "never";
    const isShort = needs.some(({ budget, amount }) => budget.used + amount > budget.limit);
    return isShort ? "notYet" : needs;
}

function takingOf(
    { evaluationId, campaignId }: WaitingRow,
    { definition }: CampaignVersion,
    { budget: { name, windowStartsAt }, amount }: Need
): BudgetTakingRow {
    const asset = budgetAsset(definition, name);
    return { evaluationId, campaignId, name, windowStartsAt, asset, amount };
}
