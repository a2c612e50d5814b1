export { MerchantContext } from "./context";
export type { Bank, BankRepository } from "./repositories/BankRepository";
export type { Merchant, Role } from "./repositories/MerchantRepository";
export { type Action, actions, leastRole } from "./services/actions";
export type { MerchantService, MerchantView, Registration } from "./services/MerchantService";
