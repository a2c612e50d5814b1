export { ReferralContext } from "./context";
export { type PersonalCodeService, personalCodeLength } from "./services/PersonalCodeService";
export type { ReferralService, Referred } from "./services/ReferralService";
export type { ShareCodeService } from "./services/ShareCodeService";
