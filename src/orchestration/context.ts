import { AttributionContext } from "@/domain/attribution";
import { AuthContext } from "@/domain/auth";
import { CampaignContext } from "@/domain/campaign";
import { IdentityContext } from "@/domain/identity";
import { MerchantContext } from "@/domain/merchant";
import { PurchasesContext } from "@/domain/purchases";
import { ReferralContext } from "@/domain/referral";
import { RewardsContext } from "@/domain/rewards";
import { config } from "@/infrastructure/config";
import { idempotency } from "@/infrastructure/idempotency";
import { keyRing } from "@/infrastructure/keys";
import { mailer } from "@/infrastructure/mail";
import { database } from "@/infrastructure/persistence/postgres";
import { priceSource } from "@/infrastructure/pricing";
import { queue } from "@/infrastructure/queue";
import { systemClock } from "@/utils/time";
import { ArrivalOrchestrator } from "./ArrivalOrchestrator";
import { ArrivalRecordingService } from "./ArrivalRecordingService";
import { BuyerService } from "./BuyerService";
import { ClientReissueOrchestrator } from "./ClientReissueOrchestrator";
import { CodeMailingOrchestrator } from "./CodeMailingOrchestrator";
import { DemoShopOrchestrator } from "./DemoShopOrchestrator";
import { EmailProofOrchestrator } from "./EmailProofOrchestrator";
import { FactsService } from "./FactsService";
import { HousekeepingOrchestrator } from "./HousekeepingOrchestrator";
import { IdentityLinkingOrchestrator } from "./IdentityLinkingOrchestrator";
import { InteractionEvaluationOrchestrator } from "./InteractionEvaluationOrchestrator";
import { InteractionTrackingOrchestrator } from "./InteractionTrackingOrchestrator";
import { MerchantOnboardingOrchestrator } from "./MerchantOnboardingOrchestrator";
import { MerchantSettingsOrchestrator } from "./MerchantSettingsOrchestrator";
import { MissingRewardOrchestrator } from "./MissingRewardOrchestrator";
import { MoneyContext } from "./money/context";
import { PersonalCodeOrchestrator } from "./PersonalCodeOrchestrator";
import { PurchaseClaimOrchestrator } from "./PurchaseClaimOrchestrator";
import { PurchaseConsequenceService } from "./PurchaseConsequenceService";
import { PurchaseIntakeOrchestrator } from "./PurchaseIntakeOrchestrator";
import { PurchaseRevisionService } from "./PurchaseRevisionService";
import { PeopleContext } from "./people/context";
import { QueuePromotionOrchestrator } from "./QueuePromotionOrchestrator";
import { ReconciliationOrchestrator } from "./ReconciliationOrchestrator";
import { ReferrerOrchestrator } from "./ReferrerOrchestrator";
import { RewardGrantService } from "./RewardGrantService";
import { ReadContext } from "./read";
import { ShareLinkOrchestrator } from "./ShareLinkOrchestrator";
import { ShopErasureService } from "./ShopErasureService";
import { ShopMessageService } from "./ShopMessageService";
import { SimulationOrchestrator } from "./SimulationOrchestrator";
import { SsoOrchestrator } from "./SsoOrchestrator";
import { WalletMergeOrchestrator } from "./WalletMergeOrchestrator";
import { WalletSignInOrchestrator } from "./WalletSignInOrchestrator";

const auth = AuthContext.services;
const { erasure, identityMerge, interactionOpening, walletConnection } = PeopleContext;
const { identities, handovers, mailCodes } = IdentityContext.services;
const { campaigns, evaluations, interactions, waiting } = CampaignContext.services;
const { purchases, recording, deliveries, purchaseErasure, shopWebhooks } =
    PurchasesContext.services;
const { rewards } = RewardsContext.services;
const { merchants } = MerchantContext.services;
const { personalCodes, referral, shareCodes } = ReferralContext.services;
const { attribution, attributionSettings } = AttributionContext.services;

const granting = new RewardGrantService(identities, rewards);
const revisions = new PurchaseRevisionService(
    purchases,
    {
        made: CampaignContext.services.decisions,
        again: CampaignContext.services.redecisions,
    },
    identities,
    rewards,
    CampaignContext.repositories.budgets,
    granting
);
const consequences = new PurchaseConsequenceService(interactions, waiting, revisions, queue);
const buyers = new BuyerService(identities, identityMerge, recording, shareCodes, attribution);
const messages = new ShopMessageService(
    identities,
    recording,
    interactionOpening,
    shopWebhooks,
    new ShopErasureService(purchaseErasure, recording, erasure)
);
const facts = new FactsService(
    purchases,
    { attribution, settings: attributionSettings },
    referral,
    ReadContext.personFacts,
    merchants,
    priceSource
);

export const OrchestrationContext = {
    ...MoneyContext,
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
    clientReissue: new ClientReissueOrchestrator(database, identities),
    codeMailing: new CodeMailingOrchestrator(mailCodes, mailer, config.WEBAUTHN_RP_NAME),
    demoShop: new DemoShopOrchestrator(
        database,
        merchants,
        MoneyContext.bankOpening,
        shopWebhooks,
        campaigns,
        keyRing
    ),
    emailProof: new EmailProofOrchestrator(
        database,
        {
            identities,
            values: IdentityContext.services.personalValues,
            codes: mailCodes,
            merges: identityMerge,
        },
        { mailboxes: ReadContext.mailboxes, purchases, consequences },
        queue,
        mailer !== undefined
    ),
    erasure,
    evaluation: new InteractionEvaluationOrchestrator(
        database,
        interactions,
        identities,
        facts,
        evaluations,
        { granting, revisions }
    ),
    housekeeping: new HousekeepingOrchestrator(
        [
            AuthContext.repositories.challenges,
            AuthContext.repositories.sessions,
            AuthContext.repositories.ssoRequests,
            IdentityContext.repositories.handovers,
            mailCodes,
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
    merchantOnboarding: new MerchantOnboardingOrchestrator(
        database,
        merchants,
        MoneyContext.bankOpening
    ),
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
    queuePromotion: new QueuePromotionOrchestrator(
        database,
        waiting,
        identities,
        merchants,
        granting,
        revisions
    ),
    simulation: new SimulationOrchestrator(
        interactions,
        facts,
        merchants,
        ReadContext.actual,
        systemClock
    ),
    shareLink: new ShareLinkOrchestrator(database, merchants, identities, shareCodes),
    sso: new SsoOrchestrator(auth.sso, merchants, config.WALLET_ORIGINS[0] ?? config.PUBLIC_URL),
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
