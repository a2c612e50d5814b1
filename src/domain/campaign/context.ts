import { database } from "@/infrastructure/persistence/postgres";
import { systemClock } from "@/utils/time";
import { BudgetRepository } from "./repositories/BudgetRepository";
import { CampaignRepository } from "./repositories/CampaignRepository";
import { CapRepository } from "./repositories/CapRepository";
import { EvaluationRepository } from "./repositories/EvaluationRepository";
import { InteractionRepository } from "./repositories/InteractionRepository";
import { WaitingRewardRepository } from "./repositories/WaitingRewardRepository";
import { CampaignService } from "./services/CampaignService";
import { DecisionService } from "./services/DecisionService";
import { EvaluationService } from "./services/EvaluationService";
import { InteractionService } from "./services/InteractionService";
import { WaitingRewardService } from "./services/WaitingRewardService";

const campaigns = new CampaignRepository(database);
const budgets = new BudgetRepository(database);
const caps = new CapRepository(database);
const waiting = new WaitingRewardRepository(database);
const interactions = new InteractionRepository(database);
const evaluations = new EvaluationRepository(database);

export const CampaignContext = {
    repositories: { campaigns, budgets, caps, interactions, evaluations },
    services: {
        campaigns: new CampaignService(database, campaigns, budgets, systemClock),
        evaluations: new EvaluationService(
            campaigns,
            budgets,
            caps,
            waiting,
            evaluations,
            systemClock
        ),
        decisions: new DecisionService(evaluations),
        interactions: new InteractionService(interactions, systemClock),
        waiting: new WaitingRewardService(
            waiting,
            campaigns,
            budgets,
            caps,
            interactions,
            systemClock
        ),
    },
} as const;
