import { config } from "@/infrastructure/config";
import { TxtResolver } from "@/infrastructure/dns/TxtResolver";
import { keyRing } from "@/infrastructure/keys";
import { database } from "@/infrastructure/persistence/postgres";
import { systemClock } from "@/utils/time";
import { BankRepository } from "./repositories/BankRepository";
import { ChainOrderRepository } from "./repositories/ChainOrderRepository";
import { MerchantRepository } from "./repositories/MerchantRepository";
import { DomainProofService } from "./services/DomainProofService";
import { MerchantService } from "./services/MerchantService";

const merchants = new MerchantRepository(database);
const banks = new BankRepository(database);
const chainOrders = new ChainOrderRepository(database);
const domainProofs = new DomainProofService(
    new TxtResolver(),
    keyRing.derive("domain-proof/v1").toString("hex"),
    config.isDevelopment
);

export const MerchantContext = {
    repositories: { merchants, banks, chainOrders },
    services: {
        domainProofs,
        merchants: new MerchantService(merchants, domainProofs, config.REWARD_ASSETS, systemClock),
    },
} as const;
