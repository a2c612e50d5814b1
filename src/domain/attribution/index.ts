export { AttributionContext } from "./context";
export type { Utm } from "./db/schema";
export type {
    Arrival,
    AttributionService,
    Recorded,
} from "./services/AttributionService";
export { sharesOf } from "./services/models";
