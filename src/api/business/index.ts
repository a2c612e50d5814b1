import { Elysia } from "elysia";
import { businessAuth } from "./auth";
import { bank, bankOrders, funding } from "./bank";
import { campaignRoutes } from "./campaigns";
import { merchantRoutes } from "./merchants";
import { productRoutes } from "./products";
import { purchaseRoutes } from "./purchases";
import { webhooks } from "./webhooks";

/** For merchants' dashboards and servers. */
export const business = new Elysia({ prefix: "/business/v1" })
    .use(businessAuth)
    .use(merchantRoutes)
    .use(bank)
    .use(bankOrders)
    .use(productRoutes)
    .use(funding)
    .use(webhooks)
    .use(campaignRoutes)
    .use(purchaseRoutes);
