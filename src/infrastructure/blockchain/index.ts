import { systemClock } from "@/utils/time";
import { config } from "../config";
import { keyRing } from "../keys";
import { database } from "../persistence/postgres";
import { BankClient } from "./BankClient";
import { ChainTransactionRepository } from "./ChainTransactionRepository";
import { ChainTransactionService } from "./ChainTransactionService";
import { publicClient } from "./client";
import { contractAddresses } from "./contractAddresses";
import { RewardsHubClient } from "./RewardsHubClient";

export { publicClient } from "./client";
export { passkeyWalletAddress } from "./passkeyWalletAddress";

export const contracts = contractAddresses(keyRing.signer("admin").address);
export const rewardsHub = new RewardsHubClient(contracts.rewardsHub);
export const banks = new BankClient(publicClient, contracts);
export const chainTransactions = new ChainTransactionService(
    publicClient,
    keyRing,
    new ChainTransactionRepository(database),
    { id: config.CHAIN_ID, confirmations: config.CONFIRMATIONS },
    systemClock
);

/** ERC-6492, ERC-1271, then a plain key: as the account itself, deployed or not, would judge it. */
export const isSignedBy = publicClient.verifyMessage;
