export type { BankView } from "./BankViewService";
export { ReadContext } from "./context";
export type { DeliveryView } from "./DeliveryViewRepository";
export type { AssetFunds } from "./FundsProofService";
export type { PaymentView } from "./PaymentViewRepository";
export type { RewardSum, RewardView, Standing } from "./RewardViewRepository";
export type { WhyView } from "./WhyViewRepository";
