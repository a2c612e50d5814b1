import { lookups } from "@/infrastructure/keys";
import { database } from "@/infrastructure/persistence/postgres";
import { IdentityRepository } from "./repositories/IdentityRepository";
import { IdentityService } from "./services/IdentityService";

const identities = new IdentityRepository(database);

export const IdentityContext = {
    repositories: { identities },
    services: { identities: new IdentityService(identities, lookups) },
} as const;
