import { MerchantContext } from "@/domain/merchant";
import { banks, chainReader } from "@/infrastructure/blockchain";
import { config } from "@/infrastructure/config";
import { database } from "@/infrastructure/persistence/postgres";
import { priceSource } from "@/infrastructure/pricing";
import { systemClock } from "@/utils/time";
import { ActualRewardRepository } from "./ActualRewardRepository";
import { BacklogRepository } from "./BacklogRepository";
import { BankViewService } from "./BankViewService";
import { DeliveryViewRepository } from "./DeliveryViewRepository";
import { ExportRepository } from "./ExportRepository";
import { FundsProofService } from "./FundsProofService";
import { HeldRowsRepository } from "./HeldRowsRepository";
import { MailboxRepository } from "./MailboxRepository";
import { OfferViewService } from "./OfferViewService";
import { PaymentViewRepository } from "./PaymentViewRepository";
import { PersonFactsRepository } from "./PersonFactsRepository";
import { PersonViewRepository } from "./PersonViewRepository";
import { RewardViewRepository } from "./RewardViewRepository";
import { WhyViewRepository } from "./WhyViewRepository";

/** What is read across contexts, and nothing else: no flow, no decision. */
export const ReadContext = {
    actual: new ActualRewardRepository(database),
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
    heldRows: new HeldRowsRepository(database),
    mailboxes: new MailboxRepository(database),
    people: new PersonViewRepository(database),
    offers: new OfferViewService(database, priceSource, systemClock),
    exports: new ExportRepository(database),
    personFacts: new PersonFactsRepository(database),
    rewards: new RewardViewRepository(database),
    why: new WhyViewRepository(database),
} as const;
