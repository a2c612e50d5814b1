export { RewardsContext } from "./context";
export type {
    BatchId,
    Payment,
    Reward,
    RewardClaim,
    RewardClaimId,
    RewardStatus,
} from "./db/schema";
export { rewardStatuses } from "./db/schema";
export type { LedgerLine } from "./repositories/LedgerRepository";
export type { NewReward } from "./repositories/RewardRepository";
export type { SelfReferralRepository } from "./repositories/SelfReferralRepository";
export type { EpochService, RecordedPurchase } from "./services/EpochService";
export type { Returned, RewardChange } from "./services/RevisionService";
export type { RewardClaimService } from "./services/RewardClaimService";
export type { RewardService } from "./services/RewardService";
export type { Ending, Funds, Payer, SettlementService } from "./services/SettlementService";
