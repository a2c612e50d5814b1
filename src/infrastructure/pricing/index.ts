import { systemClock } from "@/utils/time";
import { config } from "../config";
import { FixedPrices } from "./FixedPrices";
import { noPrices } from "./noPrices";
import type { PriceSource } from "./PriceSource";

export const priceSource: PriceSource = config.isDevelopment
    ? new FixedPrices(systemClock)
    : noPrices;
