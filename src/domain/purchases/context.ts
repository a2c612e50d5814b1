import { lookups, secretBox } from "@/infrastructure/keys";
import { database } from "@/infrastructure/persistence/postgres";
import { systemClock } from "@/utils/time";
import { ClaimRepository } from "./repositories/ClaimRepository";
import { DeliveryRepository } from "./repositories/DeliveryRepository";
import { MissingRewardRepository } from "./repositories/MissingRewardRepository";
import { PurchaseRepository } from "./repositories/PurchaseRepository";
import { ShopEventRepository } from "./repositories/ShopEventRepository";
import { ShopWebhookRepository } from "./repositories/ShopWebhookRepository";
import { DeliveryService } from "./services/DeliveryService";
import { InboxErasureService } from "./services/InboxErasureService";
import { InboxService } from "./services/InboxService";
import { MissingRewardService } from "./services/MissingRewardService";
import { PurchaseErasureService } from "./services/PurchaseErasureService";
import { PurchaseRecordingService } from "./services/PurchaseRecordingService";
import { PurchaseService } from "./services/PurchaseService";
import { ShopWebhookService } from "./services/ShopWebhookService";

const claims = new ClaimRepository(database);
const deliveries = new DeliveryRepository(database);
const purchases = new PurchaseRepository(database);
const missing = new MissingRewardRepository(database);
const shopEvents = new ShopEventRepository(database);
const shopWebhooks = new ShopWebhookService(
    new ShopWebhookRepository(database),
    secretBox,
    systemClock
);

export const PurchasesContext = {
    repositories: { claims, deliveries, missingRewards: missing, purchases, shopEvents },
    services: {
        deliveries: new DeliveryService(deliveries, systemClock),
        inboxErasure: new InboxErasureService(deliveries, purchases),
        purchaseErasure: new PurchaseErasureService(purchases, deliveries, lookups),
        missingRewards: new MissingRewardService(missing, systemClock),
        inbox: new InboxService(shopWebhooks, deliveries, systemClock),
        recording: new PurchaseRecordingService(purchases, claims, lookups, systemClock),
        purchases: new PurchaseService(purchases, claims, lookups, systemClock),
        shopWebhooks,
    },
} as const;
