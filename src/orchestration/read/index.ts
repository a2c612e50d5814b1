export type { BankView } from "./BankViewService";
export { ReadContext } from "./context";
export type { DeliveryView } from "./DeliveryViewRepository";
export { exportNames } from "./ExportRepository";
export type { Earning } from "./earningOf";
export type { HeldRowsRepository } from "./HeldRowsRepository";
export type { Offer } from "./OfferViewService";
export type { RewardSum, RewardView, Standing } from "./RewardViewRepository";
export type { WhyView } from "./WhyViewRepository";
