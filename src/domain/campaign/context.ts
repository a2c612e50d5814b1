import { database } from "@/infrastructure/persistence/postgres";
import { systemClock } from "@/utils/time";
import { BudgetRepository } from "./repositories/BudgetRepository";
import { CampaignRepository } from "./repositories/CampaignRepository";
import { EvaluationRepository } from "./repositories/EvaluationRepository";
import { InteractionRepository } from "./repositories/InteractionRepository";
import { CampaignService } from "./services/CampaignService";
import { EvaluationService } from "./services/EvaluationService";
import { InteractionService } from "./services/InteractionService";

const campaigns = new CampaignRepository(database);
const budgets = new BudgetRepository(database);
const interactions = new InteractionRepository(database);
const evaluations = new EvaluationRepository(database);

export const CampaignContext = {
    repositories: { campaigns, budgets, interactions, evaluations },
    services: {
        campaigns: new CampaignService(database, campaigns, budgets, systemClock),
        evaluations: new EvaluationService(campaigns, budgets, evaluations, systemClock),
        interactions: new InteractionService(interactions, systemClock),
    },
} as const;
