import { chainReader } from "@/infrastructure/blockchain";
import { config } from "@/infrastructure/config";
import { priceSource } from "@/infrastructure/pricing";
import { BalanceService } from "./services/BalanceService";

export const WalletContext = {
    services: { balances: new BalanceService(chainReader, config.REWARD_ASSETS, priceSource) },
} as const;
