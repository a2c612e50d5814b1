export { PurchasesContext } from "./context";
export {
    type Delivery,
    type Platform,
    type Purchase,
    type PurchaseLine,
    platforms,
} from "./db/schema";
export type { DeliverySummary } from "./repositories/DeliveryRepository";
export type { OrderKey } from "./repositories/PurchaseRepository";
export type { DeliveryService, Read } from "./services/DeliveryService";

export { inShopCurrency } from "./services/mergeFacts";
export type {
    AttributedReport,
    PurchaseRecordingService,
} from "./services/PurchaseRecordingService";
export type { PurchaseService, PurchaseView } from "./services/PurchaseService";
export type { ShopWebhookService } from "./services/ShopWebhookService";
