import { lookups, secretBox } from "@/infrastructure/keys";
import { database } from "@/infrastructure/persistence/postgres";
import { systemClock } from "@/utils/time";
import { BuyerRepository } from "./repositories/BuyerRepository";
import { ClaimRepository } from "./repositories/ClaimRepository";
import { DeliveryBodyRepository } from "./repositories/DeliveryBodyRepository";
import { DeliveryRepository } from "./repositories/DeliveryRepository";
import { MissingRewardRepository } from "./repositories/MissingRewardRepository";
import { PurchaseRepository } from "./repositories/PurchaseRepository";
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
const bodies = new DeliveryBodyRepository(database);
const buyers = new BuyerRepository(database);
const deliveries = new DeliveryRepository(database);
const purchases = new PurchaseRepository(database);
const missing = new MissingRewardRepository(database);
const shopWebhooks = new ShopWebhookService(
    new ShopWebhookRepository(database),
    secretBox,
    systemClock
);

export const PurchasesContext = {
    repositories: { buyers, claims, deliveries, missingRewards: missing, purchases },
    services: {
        deliveries: new DeliveryService(deliveries, systemClock),
        inboxErasure: new InboxErasureService(bodies, buyers),
        purchaseErasure: new PurchaseErasureService(buyers, bodies, lookups),
        missingRewards: new MissingRewardService(missing, systemClock),
        inbox: new InboxService(shopWebhooks, deliveries, systemClock),
        recording: new PurchaseRecordingService(purchases, claims, lookups, systemClock),
        purchases: new PurchaseService(purchases, claims, lookups, systemClock),
        shopWebhooks,
    },
} as const;
