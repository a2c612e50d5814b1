import type { EvaluationId, PurchaseId } from "@/utils/ids";
import type { EvaluationRepository, Whose } from "../repositories/EvaluationRepository";
import type { PastDecision } from "./decideAgain";
import { impersonal, impersonalTrace } from "./impersonal";

/** A campaign's decision on a purchase, as it was made. */
export type Decided = { purchaseId: PurchaseId; evaluationId: EvaluationId; past: PastDecision };

/** What was decided, for whoever looks at it again. */
export class DecisionService {
    constructor(private readonly evaluations: EvaluationRepository) {}

    /** What campaigns decided about these purchases and owe something for, oldest first. */
    async findDecided(purchaseIds: readonly PurchaseId[]): Promise<Decided[]> {
        const rows = await this.evaluations.findDecided(purchaseIds);
        return rows.flatMap(({ purchaseId, evaluationId, campaignId, traces, ...past }) => {
            const decided = traces.find((trace) => trace.campaignId === campaignId);
            if (!decided) return [];
            const id = purchaseId as PurchaseId;
            return [{ purchaseId: id, evaluationId, past: { ...past, decided } }];
        });
    }

    /** What a person did stays decided; what it said of them beyond amounts and times goes. */
    async erase(whose: Whose): Promise<void> {
        const rows = await this.evaluations.findOf(whose);
        await this.evaluations.replace(
            rows.map(({ interactionId, facts, traces }) => ({
                interactionId,
                facts: impersonal(facts),
                traces: traces.map(impersonalTrace),
            }))
        );
        await this.evaluations.eraseData(whose);
    }
}
