import { database } from "@/infrastructure/persistence/postgres";
import { TouchpointRepository } from "./repositories/TouchpointRepository";
import { AttributionService } from "./services/AttributionService";

const touchpoints = new TouchpointRepository(database);

export const AttributionContext = {
    repositories: { touchpoints },
    services: { attribution: new AttributionService(touchpoints) },
} as const;
