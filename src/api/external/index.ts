import { Elysia } from "elysia";
import { shopify } from "./shopify";

/** For shops. */
export const external = new Elysia({ prefix: "/external/v1" }).use(shopify);
