import { AttributionContext } from "@/domain/attribution";
import { AuthContext } from "@/domain/auth";
import { CampaignContext } from "@/domain/campaign";
import { IdentityContext } from "@/domain/identity";
import { MerchantContext } from "@/domain/merchant";
import { PurchasesContext } from "@/domain/purchases";
import { ReferralContext } from "@/domain/referral";
import { RewardsContext } from "@/domain/rewards";
import { idempotency } from "@/infrastructure/idempotency";
import { database } from "@/infrastructure/persistence/postgres";
import { queue } from "@/infrastructure/queue";
import { systemClock } from "@/utils/time";
import { ErasureOrchestrator } from "../ErasureOrchestrator";
import { IdentityMergeService } from "../IdentityMergeService";
import { InteractionOpeningService } from "../InteractionOpeningService";
import { MergeConsequenceService } from "../MergeConsequenceService";
import { ReadContext } from "../read";
import { WalletConnectionService } from "../WalletConnectionService";

const auth = AuthContext.services;
const { identities } = IdentityContext.services;
const { interactions } = CampaignContext.services;
const { rewards } = RewardsContext.services;
const { merchants } = MerchantContext.services;

/** Every table that keeps a group's id. Identity itself comes last: its nodes say who has moved. */
const identityMerge = new IdentityMergeService(
    database,
    identities,
    IdentityContext.repositories.identities,
    new MergeConsequenceService(
        interactions,
        rewards,
        RewardsContext.repositories.selfReferrals,
        CampaignContext.repositories.budgets
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
        IdentityContext.repositories.mailCodes,
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
    PurchasesContext.services.inboxErasure,
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
            IdentityContext.repositories.mailCodes,
            IdentityContext.repositories.identities,
            IdentityContext.repositories.personKeys,
        ],
    },
    queue
);

/** What flows share when people turn out to be one, connect a wallet, or are forgotten. */
export const PeopleContext = {
    erasure,
    identityMerge,
    interactionOpening,
    walletConnection,
} as const;
