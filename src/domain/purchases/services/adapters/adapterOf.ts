import type { Platform } from "../../db/schema";
import type { Adapter } from "./Adapter";
import { customAdapter } from "./customAdapter";
import { shopifyAdapter } from "./shopifyAdapter";
import { wooCommerceAdapter } from "./wooCommerceAdapter";

const adapters: Record<Platform, Adapter> = {
    shopify: shopifyAdapter,
    woocommerce: wooCommerceAdapter,
    magento: customAdapter,
    custom: customAdapter,
};

export const adapterOf = (platform: Platform): Adapter => adapters[platform];
