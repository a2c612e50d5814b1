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
import { RedecisionService } from "./services/RedecisionService";
import { StandingService } from "./services/StandingService";
import { WaitingRewardService } from "./services/WaitingRewardService";

const campaigns = new CampaignRepository(database);
const budgets = new BudgetRepository(database);
const caps = new CapRepository(database);
const waiting = new WaitingRewardRepository(database);
const interactions = new InteractionRepository(database);
const evaluations = new EvaluationRepository(database);
const standing = new StandingService(budgets, caps, waiting);

export const CampaignContext = {
    repositories: { campaigns, budgets, caps, interactions, evaluations },
    services: {
        campaigns: new CampaignService(database, campaigns, budgets, systemClock),
        evaluations: new EvaluationService(campaigns, standing, evaluations, systemClock),
        decisions: new DecisionService(evaluations, campaigns),
        redecisions: new RedecisionService(standing, evaluations, systemClock),
        interactions: new InteractionService(interactions, systemClock),
        waiting: new WaitingRewardService(waiting, campaigns, budgets, interactions, systemClock),
    },
} as const;
