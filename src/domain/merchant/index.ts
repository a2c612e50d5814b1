export { MerchantContext } from "./context";
export type { ChainOrder } from "./db/chainOrders";
export type { Bank, BankRepository } from "./repositories/BankRepository";
export type { ChainOrderRepository } from "./repositories/ChainOrderRepository";
export type { Merchant, Role } from "./repositories/MerchantRepository";
export { type Action, actions, leastRole } from "./services/actions";
export type { MerchantService, MerchantView, Registration } from "./services/MerchantService";
