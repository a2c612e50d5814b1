export { PurchasesContext } from "./context";
export {
    type Delivery,
    type MissingReward,
    type Platform,
    type Purchase,
    type PurchaseLine,
    platforms,
} from "./db/schema";
export type { DeliverySummary } from "./repositories/DeliveryRepository";
export type { OrderKey } from "./repositories/PurchaseRepository";
export { eventTopic } from "./services/adapters/custom";
export type { DeliveryService, Read } from "./services/DeliveryService";
export type { InboxErasureService } from "./services/InboxErasureService";
export type { InboxService } from "./services/InboxService";
export type { MissingRewardService } from "./services/MissingRewardService";
export { type Net, type NetLine, netOf } from "./services/netOf";
export type { PurchaseErasureService } from "./services/PurchaseErasureService";
export {
    type AttributedReport,
    isProof,
    type KeyedReport,
    type Ownership,
    type Person,
    type PurchaseRecordingService,
} from "./services/PurchaseRecordingService";
export type { PurchaseService, PurchaseView } from "./services/PurchaseService";
export { inShopCurrency, isInForce } from "./services/refunds";
export type { AskableShop, ShopWebhookService } from "./services/ShopWebhookService";
