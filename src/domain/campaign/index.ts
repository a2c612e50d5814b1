export { CampaignContext } from "./context";
export { type Campaign, type CampaignVersion, type Interaction, stackings } from "./db/schema";
export type { BudgetRepository } from "./repositories/BudgetRepository";
export type { Answer, Governed, Question } from "./services/answer";
export { assertDefinition } from "./services/assertDefinition";
export type {
    CampaignService,
    CampaignView,
} from "./services/CampaignService";
export type { DecisionService } from "./services/DecisionService";
export type { NetPurchase } from "./services/decideAgain";
export type { DueReward } from "./services/decision";
export type { Definition } from "./services/definition";
export { deferredOf, type EvaluationService } from "./services/EvaluationService";
export type { Facts, Line, PersonFacts, PurchaseFacts, Touch } from "./services/facts";
export type {
    ConfirmedPurchase,
    Happening,
    InteractionService,
    Opened,
} from "./services/InteractionService";
export { type Needs, needsOf } from "./services/needs";
export type { RedecisionService } from "./services/RedecisionService";
export type { Redecided } from "./services/redeciding";
export { Simulation, type SimulationResult } from "./services/Simulation";
export { factsOf } from "./services/snapshot";
export { peopleIn } from "./services/underLive";
export type { Promoted, WaitingRewardService } from "./services/WaitingRewardService";
