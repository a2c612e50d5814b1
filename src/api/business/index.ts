import { Elysia } from "elysia";
import { businessAuth } from "./auth";
import { bank, funding } from "./bank";
import { campaignRoutes } from "./campaigns";
import { merchantRoutes } from "./merchants";
import { purchaseRoutes } from "./purchases";
import { webhooks } from "./webhooks";
import { customerWhy } from "./why";

/** For merchants' dashboards and servers. */
export const business = new Elysia({ prefix: "/business/v1" })
    .use(businessAuth)
    .use(merchantRoutes)
    .use(bank)
    .use(funding)
    .use(webhooks)
    .use(campaignRoutes)
    .use(customerWhy)
    .use(purchaseRoutes);
