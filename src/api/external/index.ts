import { Elysia } from "elysia";
import { custom } from "./custom";
import { magento } from "./magento";
import { shopify } from "./shopify";
import { woocommerce } from "./woocommerce";

/** For shops. */
export const external = new Elysia({ prefix: "/external/v1" })
    .use(shopify)
    .use(woocommerce)
    .use(magento)
    .use(custom);
