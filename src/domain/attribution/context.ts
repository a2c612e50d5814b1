import { database } from "@/infrastructure/persistence/postgres";
import { systemClock } from "@/utils/time";
import { AttributionSettingRepository } from "./repositories/AttributionSettingRepository";
import { TouchpointRepository } from "./repositories/TouchpointRepository";
import { AttributionService } from "./services/AttributionService";
import { AttributionSettingService } from "./services/AttributionSettingService";

const touchpoints = new TouchpointRepository(database);
const settings = new AttributionSettingRepository(database);

export const AttributionContext = {
    repositories: { touchpoints },
    services: {
        attribution: new AttributionService(touchpoints),
        attributionSettings: new AttributionSettingService(settings, systemClock),
    },
} as const;
