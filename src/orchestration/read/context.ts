import { MerchantContext } from "@/domain/merchant";
import { banks, chainReader } from "@/infrastructure/blockchain";
import { config } from "@/infrastructure/config";
import { database } from "@/infrastructure/persistence/postgres";
import { BacklogRepository } from "./BacklogRepository";
import { BankViewService } from "./BankViewService";
import { DeliveryViewRepository } from "./DeliveryViewRepository";
import { FundsProofService } from "./FundsProofService";
import { PaymentViewRepository } from "./PaymentViewRepository";
import { RewardViewRepository } from "./RewardViewRepository";
import { WhyViewRepository } from "./WhyViewRepository";

/** What is read across contexts, and nothing else: no flow, no decision. */
export const ReadContext = {
    backlog: new BacklogRepository(database),
    banks: new BankViewService(
        database,
        MerchantContext.repositories.banks,
        banks,
        config.REWARD_ASSETS
    ),
    funds: new FundsProofService(
        database,
        MerchantContext.repositories.banks,
        chainReader,
        config.REWARD_ASSETS
    ),
    payments: new PaymentViewRepository(database),
    deliveries: new DeliveryViewRepository(database),
    rewards: new RewardViewRepository(database),
    why: new WhyViewRepository(database),
} as const;
