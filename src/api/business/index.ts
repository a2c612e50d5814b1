import { Elysia } from "elysia";
import { apiKeys } from "./apiKeys";
import { businessAuth } from "./auth";
import { bank, bankOrders, funding } from "./bank";
import { campaignRoutes } from "./campaigns";
import { exportRoutes } from "./exports";
import { ledgerRoutes } from "./ledger";
import { merchantRoutes } from "./merchants";
import { missingRewardDesk } from "./missingRewards";
import { productRoutes } from "./products";
import { purchaseRoutes } from "./purchases";
import { rewardRoutes } from "./rewards";
import { webhooks } from "./webhooks";
import { customerWhy } from "./why";

/** For merchants' dashboards and servers. */
export const business = new Elysia({ prefix: "/business/v1" })
    .use(businessAuth)
    .use(merchantRoutes)
    .use(apiKeys)
    .use(bank)
    .use(bankOrders)
    .use(productRoutes)
    .use(funding)
    .use(webhooks)
    .use(campaignRoutes)
    .use(customerWhy)
    .use(purchaseRoutes)
    .use(missingRewardDesk)
    .use(rewardRoutes)
    .use(ledgerRoutes)
    .use(exportRoutes);
