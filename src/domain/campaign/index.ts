export { CampaignContext } from "./context";
export type { Interaction } from "./db/schema";
export type { BudgetRepository } from "./repositories/BudgetRepository";

export type { CampaignService, CampaignView } from "./services/CampaignService";
export type { Answer, EvaluationService, Question } from "./services/EvaluationService";

export type {
    ConfirmedPurchase,
    InteractionService,
    NewInteraction,
    OpenedInteraction,
} from "./services/InteractionService";
