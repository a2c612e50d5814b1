import { database } from "@/infrastructure/persistence/postgres";
import { systemClock } from "@/utils/time";
import { PersonalCodeRepository } from "./repositories/PersonalCodeRepository";
import { ReferralCycleRepository } from "./repositories/ReferralCycleRepository";
import { ReferralEdgeRepository } from "./repositories/ReferralEdgeRepository";
import { ShareCodeRepository } from "./repositories/ShareCodeRepository";
import { PersonalCodeService } from "./services/PersonalCodeService";
import { ReferralService } from "./services/ReferralService";
import { ShareCodeService } from "./services/ShareCodeService";

const shareCodes = new ShareCodeRepository(database);
const personalCodes = new PersonalCodeRepository(database);
const edges = new ReferralEdgeRepository(database);
const graph = new ReferralCycleRepository(database, edges);

export const ReferralContext = {
    repositories: { shareCodes, personalCodes, graph },
    services: {
        shareCodes: new ShareCodeService(shareCodes),
        personalCodes: new PersonalCodeService(personalCodes, systemClock),
        referral: new ReferralService(edges, graph, systemClock),
    },
} as const;
