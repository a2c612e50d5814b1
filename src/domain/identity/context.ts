import { lookups, secretBox } from "@/infrastructure/keys";
import { database } from "@/infrastructure/persistence/postgres";
import { systemClock } from "@/utils/time";
import { ErasureRepository } from "./repositories/ErasureRepository";
import { HandoverRepository } from "./repositories/HandoverRepository";
import { IdentityRepository } from "./repositories/IdentityRepository";
import { MailCodeRepository } from "./repositories/MailCodeRepository";
import { PersonKeyRepository } from "./repositories/PersonKeyRepository";
import { ErasureService } from "./services/ErasureService";
import { HandoverService } from "./services/HandoverService";
import { IdentityService } from "./services/IdentityService";
import { MailCodeService } from "./services/MailCodeService";
import { PersonalValueService } from "./services/PersonalValueService";

const identities = new IdentityRepository(database);
const personKeys = new PersonKeyRepository(database);
const handovers = new HandoverRepository(database);
const mailCodes = new MailCodeRepository(database);
const erasures = new ErasureRepository(database);
const identityService = new IdentityService(identities, lookups);

export const IdentityContext = {
    repositories: { identities, personKeys, handovers, mailCodes, erasures },
    services: {
        identities: identityService,
        handovers: new HandoverService(handovers, lookups, systemClock),
        mailCodes: new MailCodeService(mailCodes, lookups, secretBox, systemClock),
        personalValues: new PersonalValueService(
            identityService,
            identities,
            personKeys,
            secretBox,
            systemClock
        ),
        erasures: new ErasureService(erasures, secretBox, systemClock),
    },
} as const;
