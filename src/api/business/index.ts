import { Elysia } from "elysia";
import { apiKeys } from "./apiKeys";
import { businessAuth } from "./auth";
import { bank, funding } from "./bank";
import { campaignRoutes } from "./campaigns";
import { merchantRoutes } from "./merchants";
import { missingRewardDesk } from "./missingRewards";
import { purchaseRoutes } from "./purchases";
import { webhooks } from "./webhooks";

/** For merchants' dashboards and servers. */
export const business = new Elysia({ prefix: "/business/v1" })
    .use(businessAuth)
    .use(merchantRoutes)
    .use(apiKeys)
    .use(bank)
    .use(funding)
    .use(webhooks)
    .use(campaignRoutes)
    .use(purchaseRoutes)
    .use(missingRewardDesk);
