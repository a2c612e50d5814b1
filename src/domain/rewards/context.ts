import { RewardsHubClient } from "@/infrastructure/blockchain/RewardsHubClient";
import { lookups } from "@/infrastructure/keys";
import { database } from "@/infrastructure/persistence/postgres";
import { systemClock } from "@/utils/time";
import { EpochRepository } from "./repositories/EpochRepository";
import { LedgerRepository } from "./repositories/LedgerRepository";
import { RevisionRepository } from "./repositories/RevisionRepository";
import { RewardClaimRepository } from "./repositories/RewardClaimRepository";
import { RewardLifeRepository } from "./repositories/RewardLifeRepository";
import { RewardRepository } from "./repositories/RewardRepository";
import { SelfReferralRepository } from "./repositories/SelfReferralRepository";
import { SettlementRepository } from "./repositories/SettlementRepository";
import { EpochService } from "./services/EpochService";
import { newDiscountCode } from "./services/newDiscountCode";
import { RevisionService } from "./services/RevisionService";
import { RewardClaimService } from "./services/RewardClaimService";
import { RewardService } from "./services/RewardService";
import { SettlementService } from "./services/SettlementService";

const rewards = new RewardRepository(database);
const life = new RewardLifeRepository(database);
const ledger = new LedgerRepository(database);
const claims = new RewardClaimRepository(database);
const settlements = new SettlementRepository(database);
const revisions = new RevisionService(
    rewards,
    new RevisionRepository(database),
    ledger,
    systemClock
);
const epochs = new EpochRepository(database);

export const RewardsContext = {
    repositories: {
        selfReferrals: new SelfReferralRepository(database),
        rewards,
        settlements,
        ledger,
        claims,
    },
    services: {
        epochs: new EpochService(epochs, settlements, lookups, systemClock),
        rewards: new RewardService(rewards, life, revisions, ledger, newDiscountCode, systemClock),
        claims: new RewardClaimService(claims, ledger, systemClock),
        settlements: new SettlementService(
            { rewards, life, ledger },
            settlements,
            lookups,
            RewardsHubClient.fits,
            systemClock
        ),
    },
} as const;
