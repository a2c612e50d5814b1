import type { EvaluationId } from "@/utils/ids";
import type { Clock } from "@/utils/time";
import type { EvaluationRepository } from "../repositories/EvaluationRepository";
import type { Attribute } from "./attributed";
import { asDecisions, asEvaluation, capRowsOf } from "./recorded";
import { decideTogether, governedBy, isWaiting, momentOf, type Redecided } from "./redeciding";
import { type Remaining, type Sketch, sketchesOf } from "./remaining";
import type { Standing, StandingService } from "./StandingService";

/** Decides again for what is left of purchases, with what there is left of budgets and caps for what is more. */
export class RedecisionService {
    constructor(
        private readonly standing: StandingService,
        private readonly evaluations: EvaluationRepository,
        private readonly clock: Clock
    ) {}

    sketch(remaining: readonly Remaining[], attribute: Attribute): Sketch[] {
        return remaining.flatMap((one) => sketchesOf(one, attribute));
    }

    /**
     * All campaigns of a purchase together, because some give way to others. Where one may owe more than it promised,
     * budgets and caps are locked until the transaction ends, and the merchants' books must be held before. Has
     * evaluations that grow take from budgets of which they took nothing before; writes nothing else.
     */
    async decide(sketches: readonly Sketch[], attribute: Attribute): Promise<Redecided[]> {
        const standing = await this.lock(sketches);
        const byInteraction = Map.groupBy(sketches, ({ decided }) => decided.interaction.id);
        const redecided = [...byInteraction.values()].flatMap((some) =>
            decideTogether(some, attribute, standing)
        );
        for (const { added, isLate } of redecided) {
            if (added && !isLate) await this.standing.join(added.answer, added.at);
        }
        return redecided;
    }

    /** Keeps what was added with its reasons, takes what it owes, and frees caps by which nobody is paid any more. */
    async record(redecided: readonly Redecided[]): Promise<Date> {
        const at = this.clock.now();
        const added = redecided.filter((one) => one.added);
        const answers = added.flatMap((one) => one.added?.answer ?? []);
        const numbers = new Map(
            added.map(({ sketch: { decided } }) => [decided.interaction.id, decided.additions + 1])
        );
        await this.evaluations.insertLater(
            asDecisions(answers, at).map((row) => ({
                ...row,
                number: numbers.get(row.interactionId) ?? 1,
            }))
        );
        const late = added.flatMap((one) => (one.isLate && one.added ? [one.added.answer] : []));
        await this.evaluations.insertAll(late.map((answer) => asEvaluation(answer, at)));
        await this.standing.take(late, at);
        await this.replaceCaps(redecided.filter(({ isLate }) => !isLate));
        return at;
    }

    private async lock(sketches: readonly Sketch[]): Promise<Standing> {
        const at = this.clock.now();
        const growing = sketches.filter((one) => one.growing);
        const heldBy = await this.standing.heldBy(
            growing.flatMap(({ look }) => look.evaluationId ?? [])
        );
        const likely = growing.flatMap((one) => {
            const held = heldBy(one.look.evaluationId);
            if (isWaiting(one, held)) return [];
            const caps = [...(one.growing ?? []), ...held.caps];
            return [{ governed: governedBy(one), at: momentOf(held, at), caps }];
        });
        return { book: await this.standing.lock(likely), heldBy, at };
    }

    private async replaceCaps(redecided: readonly Redecided[]): Promise<void> {
        const heldBy = await this.standing.heldBy(redecided.map((one) => one.evaluationId));
        const changed = redecided
            .map((one) => ({ id: one.evaluationId, rows: capRowsOf(governedBy(one.sketch), one) }))
            .filter(({ id, rows }) => textOf(heldBy(id).caps) !== textOf(rows));
        await this.standing.replaceCaps(
            changed.map(({ id }) => id),
            changed.flatMap(({ rows }) => rows)
        );
    }
}

/** Which caps, and how much of each, whatever else stands in their rows. */
const textOf = (
    rows: readonly { name: string; groupId: string; amount: bigint; evaluationId: EvaluationId }[]
): string =>
    rows
        .map(({ name, groupId, amount }) => `${name}:${groupId}:${amount}`)
        .sort()
        .join();
