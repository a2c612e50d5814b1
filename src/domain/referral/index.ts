export { ReferralContext } from "./context";
export type { ReferralService } from "./services/ReferralService";
