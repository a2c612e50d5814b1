import type { CampaignId, EvaluationId } from "@/utils/ids";
import type { BudgetTakingRow, CapTakingRow } from "../db/schema";
import type { BudgetRepository } from "../repositories/BudgetRepository";
import type { CapRepository } from "../repositories/CapRepository";
import type { WaitingRewardRepository } from "../repositories/WaitingRewardRepository";
import type { Answer } from "./answer";
import type { CapOf } from "./facts";
import { budgetTakingsOf, capTakingsOf, openTakingsOf, waitingOf } from "./recorded";
import { budgetKey, budgetWindows, capWindow, type Governed, StandingBook } from "./StandingBook";

/** A decision that may take something, as of when, and from whose caps. */
export type Likely = { governed: Governed; at: Date; caps: readonly CapOf[] };
/** What an evaluation holds of budgets and caps. */
export type Held = { budgets: BudgetTakingRow[]; caps: CapTakingRow[] };

/** What is there to take now, and what each evaluation holds of it already. */
export type Standing = {
    book: StandingBook;
    heldBy: (id: EvaluationId | undefined) => Held;
    at: Date;
};

/** What campaigns have paid so far, and what is added to it. */
export class StandingService {
    constructor(
        private readonly budgets: BudgetRepository,
        private readonly caps: CapRepository,
        private readonly waiting: WaitingRewardRepository
    ) {}

    /** All that these may take from, locked until the transaction ends. */
    async lock(likely: readonly Likely[]): Promise<StandingBook> {
        const book = new StandingBook();
        if (likely.length === 0) return book;
        const windows = new Map(
            likely
                .flatMap(({ governed, at }) => budgetWindows(governed, at))
                .map((window) => [budgetKey(window), { ...window, used: 0n }])
        );
        await this.budgets.open([...windows.values()]);
        for (const row of await this.budgets.lock([...windows.values()])) book.putBudget(row);
        const capKeys = likely.flatMap(({ governed, caps }) =>
            caps.map((cap) => capWindow(governed, cap))
        );
        for (const row of await this.caps.lock(capKeys)) book.putCap(row);
        for (const id of await this.queueing(likely)) book.markQueueing(id);
        return book;
    }

    /** Budgets, caps and places in the line, as decided. */
    async take(answers: readonly Answer[], at: Date): Promise<void> {
        await this.budgets.take(answers.flatMap((answer) => budgetTakingsOf(answer, at)));
        await this.caps.take(answers.flatMap(capTakingsOf));
        await this.waiting.insertAll(answers.flatMap((answer) => waitingOf(answer, at)));
    }

    async heldBy(ids: readonly EvaluationId[]): Promise<Standing["heldBy"]> {
        const of = ({ evaluationId }: { evaluationId: EvaluationId }) => evaluationId;
        const budgets = Map.groupBy(await this.budgets.findTakings(ids), of);
        const caps = Map.groupBy(await this.caps.findTakings(ids), of);
        return (id) => ({
            budgets: (id && budgets.get(id)) ?? [],
            caps: (id && caps.get(id)) ?? [],
        });
    }

    /** An evaluation that grew may take from budgets of which it took nothing before. */
    async join(answer: Answer, at: Date): Promise<void> {
        await this.budgets.join(openTakingsOf(answer, at));
    }

    async replaceCaps(ids: readonly EvaluationId[], takings: readonly CapTakingRow[]) {
        await this.caps.replace(ids, takings);
    }

    private async queueing(likely: readonly Likely[]): Promise<CampaignId[]> {
        const queues = likely.filter(({ governed: { definition } }) =>
            definition.budget?.some(({ onExhausted }) => onExhausted === "queue")
        );
        if (queues.length === 0) return [];
        return this.waiting.findQueueing([
            ...new Set(queues.map(({ governed }) => governed.campaignId)),
        ]);
    }
}
