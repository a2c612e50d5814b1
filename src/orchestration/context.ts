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
import { ArrivalRecordingService } from "./ArrivalRecordingService";
import { AuditOrchestrator } from "./AuditOrchestrator";
import { BankDeploymentOrchestrator } from "./BankDeploymentOrchestrator";
import { BankOpeningService } from "./BankOpeningService";
import { BatchSigningOrchestrator } from "./BatchSigningOrchestrator";
import { BuyerService } from "./BuyerService";
import { ChainFollowingOrchestrator } from "./ChainFollowingOrchestrator";
import { ChainOrderOrchestrator } from "./ChainOrderOrchestrator";
import { ClientReissueOrchestrator } from "./ClientReissueOrchestrator";
import { DemoShopOrchestrator } from "./DemoShopOrchestrator";
import { EpochPublicationOrchestrator } from "./EpochPublicationOrchestrator";
import { ErasureOrchestrator } from "./ErasureOrchestrator";
import { FactsService } from "./FactsService";
import { HousekeepingOrchestrator } from "./HousekeepingOrchestrator";
import { IdentityLinkingOrchestrator } from "./IdentityLinkingOrchestrator";
import { IdentityMergeService } from "./IdentityMergeService";
import { InteractionEvaluationOrchestrator } from "./InteractionEvaluationOrchestrator";
import { InteractionOpeningService } from "./InteractionOpeningService";
import { InteractionTrackingOrchestrator } from "./InteractionTrackingOrchestrator";
import { MerchantOnboardingOrchestrator } from "./MerchantOnboardingOrchestrator";
import { MerchantSettingsOrchestrator } from "./MerchantSettingsOrchestrator";
import { MergeConsequenceService } from "./MergeConsequenceService";
import { MissingRewardOrchestrator } from "./MissingRewardOrchestrator";
import { PersonalCodeOrchestrator } from "./PersonalCodeOrchestrator";
import { PurchaseClaimOrchestrator } from "./PurchaseClaimOrchestrator";
import { PurchaseConsequenceService } from "./PurchaseConsequenceService";
import { PurchaseIntakeOrchestrator } from "./PurchaseIntakeOrchestrator";
import { PurchaseRevisionService } from "./PurchaseRevisionService";
import { QueuePromotionOrchestrator } from "./QueuePromotionOrchestrator";
import { ReconciliationOrchestrator } from "./ReconciliationOrchestrator";
import { ReferrerOrchestrator } from "./ReferrerOrchestrator";
import { RewardAgeingOrchestrator } from "./RewardAgeingOrchestrator";
import { RewardCancellationOrchestrator } from "./RewardCancellationOrchestrator";
import { RewardClaimOrchestrator } from "./RewardClaimOrchestrator";
import { RewardGrantService } from "./RewardGrantService";
import { ReadContext } from "./read";
import { AuditRepository } from "./read/AuditRepository";
import { ChangedPurchaseRepository } from "./read/ChangedPurchaseRepository";
import { SettlementClosingOrchestrator } from "./SettlementClosingOrchestrator";
import { SettlementRoundOrchestrator } from "./SettlementRoundOrchestrator";
import { ShareLinkOrchestrator } from "./ShareLinkOrchestrator";
import { ShopErasureService } from "./ShopErasureService";
import { ShopMessageService } from "./ShopMessageService";
import { SimulationOrchestrator } from "./SimulationOrchestrator";
import { SsoOrchestrator } from "./SsoOrchestrator";
import { TestFundingOrchestrator } from "./TestFundingOrchestrator";
import { WalletConnectionService } from "./WalletConnectionService";
import { WalletMergeOrchestrator } from "./WalletMergeOrchestrator";
import { WalletSignInOrchestrator } from "./WalletSignInOrchestrator";

const auth = AuthContext.services;
const { identities, handovers } = IdentityContext.services;
const { campaigns, evaluations, interactions, waiting } = CampaignContext.services;
const { purchases, recording, deliveries, inboxErasure, purchaseErasure, shopWebhooks } =
    PurchasesContext.services;
const { epochs, rewards, settlements } = RewardsContext.services;
const { merchants } = MerchantContext.services;
const { personalCodes, referral, shareCodes } = ReferralContext.services;
const { attribution, attributionSettings } = AttributionContext.services;
const { banks: bankRows } = MerchantContext.repositories;

const { budgets, caps } = CampaignContext.repositories;
const revisions = new PurchaseRevisionService(
    purchases,
    CampaignContext.services.decisions,
    identities,
    rewards,
    budgets,
    caps
);
const consequences = new PurchaseConsequenceService(interactions, waiting, revisions, queue);
/** Every table that keeps a group's id. Identity itself comes last: its nodes say who has moved. */
const identityMerge = new IdentityMergeService(
    database,
    identities,
    IdentityContext.repositories.identities,
    new MergeConsequenceService(
        interactions,
        rewards,
        RewardsContext.repositories.selfReferrals,
        budgets
    ),
    ReadContext.heldRows,
    [
        AttributionContext.repositories.touchpoints,
        ReferralContext.repositories.shareCodes,
        ReferralContext.repositories.personalCodes,
        ReferralContext.repositories.graph,
        PurchasesContext.repositories.purchases,
        PurchasesContext.repositories.claims,
        PurchasesContext.repositories.missingRewards,
        CampaignContext.repositories.interactions,
        CampaignContext.repositories.caps,
        RewardsContext.repositories.rewards,
        RewardsContext.repositories.claims,
        RewardsContext.repositories.ledger,
        IdentityContext.repositories.personKeys,
        IdentityContext.repositories.handovers,
        IdentityContext.repositories.erasures,
        IdentityContext.repositories.identities,
    ]
);
const interactionOpening = new InteractionOpeningService(
    interactions,
    merchants,
    queue,
    systemClock
);
const walletConnection = new WalletConnectionService(database, identityMerge, interactionOpening);
const erasure = new ErasureOrchestrator(
    database,
    IdentityContext.services.erasures,
    inboxErasure,
    {
        identities,
        values: IdentityContext.services.personalValues,
        passkeys: auth.passkeys,
        sessions: auth.sessions,
        callers: idempotency,
        holders: [
            CampaignContext.services.decisions,
            PurchasesContext.repositories.missingRewards,
            AttributionContext.repositories.touchpoints,
            ReferralContext.repositories.shareCodes,
            PurchasesContext.repositories.claims,
            PurchasesContext.repositories.buyers,
            IdentityContext.repositories.handovers,
            IdentityContext.repositories.identities,
            IdentityContext.repositories.personKeys,
        ],
    },
    queue
);
const buyers = new BuyerService(identities, identityMerge, recording, shareCodes, attribution);
const messages = new ShopMessageService(
    identities,
    recording,
    interactionOpening,
    shopWebhooks,
    new ShopErasureService(purchaseErasure, recording, erasure)
);
const bankOpening = new BankOpeningService(database, bankRows, banks, lookups, queue);
const facts = new FactsService(
    purchases,
    { attribution, settings: attributionSettings },
    referral,
    ReadContext.personFacts,
    merchants,
    priceSource
);
const granting = new RewardGrantService(identities, rewards, revisions);

export const OrchestrationContext = {
    arrival: new ArrivalOrchestrator(
        merchants,
        identities,
        shareCodes,
        new ArrivalRecordingService(
            database,
            identities,
            attribution,
            referral,
            interactionOpening
        ),
        systemClock
    ),
    audit: new AuditOrchestrator(database, new AuditRepository(database)),
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
    clientReissue: new ClientReissueOrchestrator(database, identities),
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
    erasure,
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
        granting
    ),
    housekeeping: new HousekeepingOrchestrator(
        [
            AuthContext.repositories.challenges,
            AuthContext.repositories.sessions,
            AuthContext.repositories.ssoRequests,
            IdentityContext.repositories.handovers,
            idempotency,
        ],
        systemClock
    ),
    identityLinking: new IdentityLinkingOrchestrator(
        database,
        merchants,
        identities,
        handovers,
        identityMerge,
        walletConnection
    ),
    identityMerge,
    interactionTracking: new InteractionTrackingOrchestrator(
        database,
        merchants,
        identities,
        interactionOpening,
        systemClock
    ),
    merchantOnboarding: new MerchantOnboardingOrchestrator(database, merchants, bankOpening),
    personalCode: new PersonalCodeOrchestrator(
        database,
        identities,
        personalCodes,
        referral,
        systemClock
    ),
    purchaseClaim: new PurchaseClaimOrchestrator(
        database,
        identities,
        identityMerge,
        shopWebhooks,
        purchases,
        consequences
    ),
    purchaseIntake: new PurchaseIntakeOrchestrator(database, deliveries, identities, recording, {
        buyers,
        consequences,
        messages,
    }),
    merchantSettings: new MerchantSettingsOrchestrator(
        database,
        merchants,
        attributionSettings,
        rewards
    ),
    missingReward: new MissingRewardOrchestrator(database, systemClock, {
        identities,
        merchants,
        missing: PurchasesContext.services.missingRewards,
        purchases,
        webhooks: shopWebhooks,
        consequences,
    }),
    reconciliation: new ReconciliationOrchestrator(
        shopWebhooks,
        PurchasesContext.services.inbox,
        systemClock,
        config.isDevelopment
    ),
    referrer: new ReferrerOrchestrator(database, identities, referral),
    rewardAgeing: new RewardAgeingOrchestrator(database, rewards, budgets),
    rewardCancellation: new RewardCancellationOrchestrator(database, rewards, budgets),
    rewardClaim: new RewardClaimOrchestrator(
        database,
        identities,
        RewardsContext.services.claims,
        queue
    ),
    queuePromotion: new QueuePromotionOrchestrator(
        database,
        waiting,
        identities,
        merchants,
        granting
    ),
    settlementClosing: new SettlementClosingOrchestrator(
        database,
        settlements,
        rewardsHub,
        chainTransactions
    ),
    settlementRound: new SettlementRoundOrchestrator(database, settlements, bankRows, banks, queue),
    simulation: new SimulationOrchestrator(
        interactions,
        facts,
        merchants,
        ReadContext.actual,
        systemClock
    ),
    shareLink: new ShareLinkOrchestrator(database, merchants, identities, shareCodes),
    sso: new SsoOrchestrator(auth.sso, merchants, config.WALLET_ORIGINS[0] ?? config.PUBLIC_URL),
    testFunding: new TestFundingOrchestrator(
        database,
        bankRows,
        banks,
        chainTransactions,
        queue,
        config.isDevelopment ? contracts.testToken : undefined
    ),
    walletMerge: new WalletMergeOrchestrator(
        auth.challenges,
        auth.passkeys,
        identities,
        identityMerge
    ),
    walletSignIn: new WalletSignInOrchestrator(
        auth.challenges,
        auth.passkeys,
        auth.sessions,
        identities,
        walletConnection
    ),
} as const;
