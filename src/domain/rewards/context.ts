import { RewardsHubClient } from "@/infrastructure/blockchain/RewardsHubClient";
import { lookups } from "@/infrastructure/keys";
import { database } from "@/infrastructure/persistence/postgres";
import { systemClock } from "@/utils/time";
import { EpochRepository } from "./repositories/EpochRepository";
import { RewardRepository } from "./repositories/RewardRepository";
import { SettlementRepository } from "./repositories/SettlementRepository";
import { EpochService } from "./services/EpochService";
import { RewardService } from "./services/RewardService";
import { SettlementService } from "./services/SettlementService";

const rewards = new RewardRepository(database);
const settlements = new SettlementRepository(database);
const epochs = new EpochRepository(database);

export const RewardsContext = {
    repositories: { rewards, settlements },
    services: {
        epochs: new EpochService(epochs, settlements, lookups, systemClock),
        rewards: new RewardService(rewards),
        settlements: new SettlementService(
            rewards,
            settlements,
            lookups,
            RewardsHubClient.fits,
            systemClock
        ),
    },
} as const;
