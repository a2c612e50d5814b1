export { WalletContext } from "./context";
export { type Holding, shownCurrencies } from "./services/BalanceService";
