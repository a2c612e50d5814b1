export { AttributionContext } from "./context";
export type { Utm } from "./db/schema";
export { attributionModels } from "./db/schema";
export type {
    Arrival,
    AttributionService,
    Recorded,
} from "./services/AttributionService";
export type { AttributionSettingService } from "./services/AttributionSettingService";
export { sharesOf } from "./services/models";
