import { seconds, systemClock } from "@/utils/time";
import { config } from "../config";
import { keyRing } from "../keys";
import { database } from "../persistence/postgres";
import { BankClient } from "./BankClient";
import { ChainFollowingService } from "./ChainFollowingService";
import { ChainReader } from "./ChainReader";
import { ChainTransactionRepository } from "./ChainTransactionRepository";
import { ChainTransactionService } from "./ChainTransactionService";
import { publicClient } from "./client";
import { contractAddresses } from "./contractAddresses";
import { MerchantRegistryClient } from "./MerchantRegistryClient";
import { RewardsHubClient } from "./RewardsHubClient";

export { publicClient } from "./client";
export { passkeyWalletAddress } from "./passkeyWalletAddress";

export const contracts = contractAddresses(keyRing.signer("admin").address);
export const rewardsHub = new RewardsHubClient(contracts.rewardsHub);
export const chainReader = new ChainReader(
    publicClient,
    contracts.rewardsHub,
    config.CONFIRMATIONS
);
export const merchantRegistry = new MerchantRegistryClient(
    publicClient,
    contracts.merchantRegistry
);
export const banks = new BankClient(publicClient, contracts);
const transactions = new ChainTransactionRepository(database);
export const chainTransactions = new ChainTransactionService(
    database,
    publicClient,
    keyRing,
    transactions,
    config.CHAIN_ID,
    systemClock
);
export const chainFollowing = new ChainFollowingService(
    publicClient,
    chainTransactions,
    transactions,
    {
        id: config.CHAIN_ID,
        confirmations: config.CONFIRMATIONS,
        replaceAfterMs: seconds(config.REPLACE_AFTER_SECONDS),
    },
    systemClock
);

/** ERC-6492, ERC-1271, then a plain key: as the account itself, deployed or not, would judge it. */
export const isSignedBy = publicClient.verifyMessage;
