import { database } from "@/infrastructure/persistence/postgres";
import { ShareCodeRepository } from "./repositories/ShareCodeRepository";
import { ReferralService } from "./services/ReferralService";

const shareCodes = new ShareCodeRepository(database);

export const ReferralContext = {
    repositories: { shareCodes },
    services: { referral: new ReferralService(shareCodes) },
} as const;
