import { CampaignContext } from "@/domain/campaign";
import { IdentityContext } from "@/domain/identity";
import { MerchantContext } from "@/domain/merchant";
import { RewardsContext } from "@/domain/rewards";
import {
    banks,
    chainFollowing,
    chainReader,
    chainTransactions,
    contracts,
    merchantRegistry,
    rewardsHub,
} from "@/infrastructure/blockchain";
import { config } from "@/infrastructure/config";
import { keyRing, lookups } from "@/infrastructure/keys";
import { database } from "@/infrastructure/persistence/postgres";
import { queue } from "@/infrastructure/queue";
import { seconds, systemClock } from "@/utils/time";
import { AuditOrchestrator } from "../AuditOrchestrator";
import { BankDeploymentOrchestrator } from "../BankDeploymentOrchestrator";
import { BankOpeningService } from "../BankOpeningService";
import { BatchSigningOrchestrator } from "../BatchSigningOrchestrator";
import { ChainFollowingOrchestrator } from "../ChainFollowingOrchestrator";
import { ChainOrderOrchestrator } from "../ChainOrderOrchestrator";
import { EpochPublicationOrchestrator } from "../EpochPublicationOrchestrator";
import { PaymentReconciliationOrchestrator } from "../PaymentReconciliationOrchestrator";
import { RewardAgeingOrchestrator } from "../RewardAgeingOrchestrator";
import { RewardCancellationOrchestrator } from "../RewardCancellationOrchestrator";
import { RewardClaimOrchestrator } from "../RewardClaimOrchestrator";
import { AuditRepository } from "../read/AuditRepository";
import { ChangedPurchaseRepository } from "../read/ChangedPurchaseRepository";
import { PaymentComparisonService } from "../read/PaymentComparisonService";
import { PaymentViewRepository } from "../read/PaymentViewRepository";
import { SettlementClosingOrchestrator } from "../SettlementClosingOrchestrator";
import { SettlementRoundOrchestrator } from "../SettlementRoundOrchestrator";
import { TestFundingOrchestrator } from "../TestFundingOrchestrator";

const { epochs, rewards, settlements } = RewardsContext.services;
const { banks: bankRows } = MerchantContext.repositories;
const { identities } = IdentityContext.services;
const { budgets } = CampaignContext.repositories;
const comparison = new PaymentComparisonService(new PaymentViewRepository(database), chainReader);
const bankOpening = new BankOpeningService(database, bankRows, banks, lookups, queue);

/** From what is owed to what stands on chain. */
export const MoneyContext = {
    audit: new AuditOrchestrator(database, new AuditRepository(database), comparison),
    bankDeployment: new BankDeploymentOrchestrator(
        database,
        bankRows,
        banks,
        chainTransactions,
        queue,
        {
            manager: keyRing.signer("bankManager").address,
            assets: config.REWARD_ASSETS,
        }
    ),
    batchSigning: new BatchSigningOrchestrator(
        database,
        settlements,
        rewardsHub,
        chainTransactions,
        queue
    ),
    chainFollowing: new ChainFollowingOrchestrator(chainFollowing, queue),
    chainOrders: new ChainOrderOrchestrator(
        database,
        { orders: MerchantContext.repositories.chainOrders, banks: bankRows, clock: systemClock },
        { banks, registry: merchantRegistry, transactions: chainTransactions },
        queue
    ),
    epochPublication: new EpochPublicationOrchestrator(
        database,
        epochs,
        new ChangedPurchaseRepository(database),
        { reader: chainReader, hub: rewardsHub, transactions: chainTransactions },
        queue,
        { clock: systemClock, intervalMs: seconds(config.EPOCH_INTERVAL_SECONDS) }
    ),
    paymentReconciliation: new PaymentReconciliationOrchestrator(
        database,
        settlements,
        chainReader,
        comparison
    ),
    rewardAgeing: new RewardAgeingOrchestrator(database, rewards, budgets),
    rewardCancellation: new RewardCancellationOrchestrator(database, rewards, budgets),
    rewardClaim: new RewardClaimOrchestrator(
        database,
        identities,
        RewardsContext.services.claims,
        queue
    ),
    settlementClosing: new SettlementClosingOrchestrator(
        database,
        settlements,
        rewardsHub,
        chainTransactions
    ),
    settlementRound: new SettlementRoundOrchestrator(database, settlements, bankRows, banks, queue),
    testFunding: new TestFundingOrchestrator(
        database,
        bankRows,
        banks,
        chainTransactions,
        queue,
        config.isDevelopment ? contracts.testToken : undefined
    ),
    bankOpening,
} as const;
