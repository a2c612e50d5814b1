export { RewardsContext } from "./context";
export type { Payment } from "./db/schema";
export type { NewReward } from "./repositories/RewardRepository";
export type { EpochService, RecordedPurchase } from "./services/EpochService";
export type { RewardService } from "./services/RewardService";
export type { Ending, Funds, Payer, SettlementService } from "./services/SettlementService";
