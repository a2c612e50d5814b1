import { AttributionContext } from "@/domain/attribution";
import { AuthContext } from "@/domain/auth";
import { CampaignContext } from "@/domain/campaign";
import { IdentityContext } from "@/domain/identity";
import { MerchantContext } from "@/domain/merchant";
import { PurchasesContext } from "@/domain/purchases";
import { ReferralContext } from "@/domain/referral";
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
import { idempotency } from "@/infrastructure/idempotency";
import { keyRing, lookups } from "@/infrastructure/keys";
import { database } from "@/infrastructure/persistence/postgres";
import { priceSource } from "@/infrastructure/pricing";
import { queue } from "@/infrastructure/queue";
import { seconds, systemClock } from "@/utils/time";
import { ArrivalOrchestrator } from "./ArrivalOrchestrator";
import { BankDeploymentOrchestrator } from "./BankDeploymentOrchestrator";
import { BankOpeningService } from "./BankOpeningService";
import { BatchSigningOrchestrator } from "./BatchSigningOrchestrator";
import { ChainFollowingOrchestrator } from "./ChainFollowingOrchestrator";
import { ChainOrderOrchestrator } from "./ChainOrderOrchestrator";
import { DemoShopOrchestrator } from "./DemoShopOrchestrator";
import { EpochPublicationOrchestrator } from "./EpochPublicationOrchestrator";
import { FactsService } from "./FactsService";
import { HousekeepingOrchestrator } from "./HousekeepingOrchestrator";
import { IdentityMergeService } from "./IdentityMergeService";
import { InteractionEvaluationOrchestrator } from "./InteractionEvaluationOrchestrator";
import { MerchantOnboardingOrchestrator } from "./MerchantOnboardingOrchestrator";
import { PurchaseClaimOrchestrator } from "./PurchaseClaimOrchestrator";
import { PurchaseConsequenceService } from "./PurchaseConsequenceService";
import { PurchaseIntakeOrchestrator } from "./PurchaseIntakeOrchestrator";
import { ChangedPurchaseRepository } from "./read/ChangedPurchaseRepository";
import { SettlementClosingOrchestrator } from "./SettlementClosingOrchestrator";
import { SettlementRoundOrchestrator } from "./SettlementRoundOrchestrator";
import { ShareLinkOrchestrator } from "./ShareLinkOrchestrator";
import { TestFundingOrchestrator } from "./TestFundingOrchestrator";
import { WalletSignInOrchestrator } from "./WalletSignInOrchestrator";

const auth = AuthContext.services;
const { identities } = IdentityContext.services;
const { campaigns, evaluations, interactions } = CampaignContext.services;
const { purchases, recording, deliveries, shopWebhooks } = PurchasesContext.services;
const { epochs, rewards, settlements } = RewardsContext.services;
const { merchants } = MerchantContext.services;
const { referral } = ReferralContext.services;
const { attribution } = AttributionContext.services;
const { banks: bankRows } = MerchantContext.repositories;

const consequences = new PurchaseConsequenceService(
    interactions,
    rewards,
    CampaignContext.repositories.budgets,
    queue
);
/** Every table that keeps a group's id. Identity itself comes last: its nodes say who has moved. */
const identityMerge = new IdentityMergeService(
    database,
    identities,
    IdentityContext.repositories.identities,
    rewards,
    [
        AttributionContext.repositories.touchpoints,
        ReferralContext.repositories.shareCodes,
        PurchasesContext.repositories.purchases,
        PurchasesContext.repositories.claims,
        CampaignContext.repositories.interactions,
        RewardsContext.repositories.rewards,
        IdentityContext.repositories.identities,
    ]
);
const bankOpening = new BankOpeningService(database, bankRows, banks, lookups, queue);
const facts = new FactsService(purchases, attribution, merchants, priceSource);

export const OrchestrationContext = {
    arrival: new ArrivalOrchestrator(merchants, identities, referral, attribution, systemClock),
    bankOpening,
    bankDeployment: new BankDeploymentOrchestrator(
        database,
        bankRows,
        banks,
        chainTransactions,
        queue,
        {
            manager: keyRing.signer("bankManager").address,
            assets: config.REWARD_ASSETS.map(({ address }) => address),
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
    demoShop: new DemoShopOrchestrator(
        database,
        merchants,
        bankOpening,
        shopWebhooks,
        campaigns,
        keyRing
    ),
    epochPublication: new EpochPublicationOrchestrator(
        database,
        epochs,
        new ChangedPurchaseRepository(database),
        { reader: chainReader, hub: rewardsHub, transactions: chainTransactions },
        queue,
        { clock: systemClock, intervalMs: seconds(config.EPOCH_INTERVAL_SECONDS) }
    ),
    evaluation: new InteractionEvaluationOrchestrator(
        database,
        interactions,
        identities,
        facts,
        evaluations,
        rewards
    ),
    housekeeping: new HousekeepingOrchestrator(
        [AuthContext.repositories.challenges, AuthContext.repositories.sessions, idempotency],
        systemClock
    ),
    identityMerge,
    merchantOnboarding: new MerchantOnboardingOrchestrator(database, merchants, bankOpening),
    purchaseClaim: new PurchaseClaimOrchestrator(
        database,
        identities,
        shopWebhooks,
        purchases,
        consequences
    ),
    purchaseIntake: new PurchaseIntakeOrchestrator(
        database,
        deliveries,
        identities,
        recording,
        consequences
    ),
    settlementClosing: new SettlementClosingOrchestrator(
        database,
        settlements,
        rewardsHub,
        chainTransactions,
        consequences
    ),
    settlementRound: new SettlementRoundOrchestrator(database, settlements, bankRows, banks, queue),
    shareLink: new ShareLinkOrchestrator(database, merchants, identities, referral),
    testFunding: new TestFundingOrchestrator(
        database,
        bankRows,
        banks,
        chainTransactions,
        queue,
        config.isDevelopment ? contracts.testToken : undefined
    ),
    walletSignIn: new WalletSignInOrchestrator(
        auth.challenges,
        auth.passkeys,
        auth.sessions,
        identities,
        identityMerge
    ),
} as const;
