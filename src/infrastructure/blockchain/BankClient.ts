import { CampaignBank } from "@contracts/artifacts/CampaignBank";
import { CampaignBankFactory } from "@contracts/artifacts/CampaignBankFactory";
import { TestToken } from "@contracts/artifacts/TestToken";
import {
    type Address,
    BaseError,
    ContractFunctionRevertedError,
    ContractFunctionZeroDataError,
    encodeFunctionData,
    erc20Abi,
    type Hex,
    type PublicClient,
} from "viem";
import type { Asset } from "@/utils/money";
import { bankAddress } from "./bankAddress";
import type { Call } from "./ChainTransactionService";
import type { ContractAddresses } from "./contractAddresses";

export type BankOpening = {
    owner: Address;
    merchantKey: Hex;
    manager: Address;
    assets: readonly Asset[];
};
export type BankQuestion = { bank: Address; token: Address };
/** What the hub can take out of a bank now: nothing while it is paused, and no more than its limit leaves. */
export type BankFunds = BankQuestion & {
    spendable: bigint;
    balance: bigint;
    limitLeft: bigint;
    isPaused: boolean;
};

const deployGas = { base: 400_000n, asset: 60_000n };
const pauseGas = 80_000n;
const mintGas = 120_000n;
/** The first limit of a bank: no more than this many whole tokens a day, until its owner sets another. */
const dailyLimit = { tokens: 1_000_000n, period: 86_400n };

/** Speaks the language of the banks and their factory. Sends nothing. */
export class BankClient {
    constructor(
        private readonly client: PublicClient,
        private readonly addresses: ContractAddresses
    ) {}

    addressOf({ owner, merchantKey }: Pick<BankOpening, "owner" | "merchantKey">): Address {
        return bankAddress({ ...this.addresses, owner, merchantKey });
    }

    deployCall({ owner, merchantKey, manager, assets }: BankOpening): Call {
        const limits = assets.map(({ address, decimals }) => ({
            token: address,
            amount: dailyLimit.tokens * 10n ** BigInt(decimals),
            period: dailyLimit.period,
        }));
        const data = encodeFunctionData({
            abi: CampaignBankFactory.abi,
            functionName: "deploy",
            args: [owner, merchantKey, manager, limits],
        });
        const gas = deployGas.base + deployGas.asset * BigInt(assets.length);
        return { to: this.addresses.bankFactory, data, gas };
    }

    /** By the manager of the bank. One that is so already is left as it is, by a revert. */
    pauseCall(bank: Address, isPaused: boolean): Call {
        const functionName = isPaused ? "pause" : "unpause";
        const data = encodeFunctionData({ abi: CampaignBank.abi, functionName });
        return { to: bank, data, gas: pauseGas };
    }

    isPaused(bank: Address): Promise<boolean> {
        return this.client.readContract({
            address: bank,
            abi: CampaignBank.abi,
            functionName: "paused",
        });
    }

    mintCall(token: Address, to: Address, amount: bigint): Call {
        const data = encodeFunctionData({
            abi: TestToken.abi,
            functionName: "mint",
            args: [to, amount],
        });
        return { to: token, data, gas: mintGas };
    }

    async isOpen(bank: Address): Promise<boolean> {
        return (await this.client.getCode({ address: bank })) !== undefined;
    }

    /** In the order of the questions. What a token refuses to tell is nothing, to the bank itself as well. */
    async fundsOf(questions: readonly BankQuestion[]): Promise<BankFunds[]> {
        return Promise.all(questions.map((question) => this.funds(question)));
    }

    private async funds({ bank, token }: BankQuestion): Promise<BankFunds> {
        const inBank = { address: bank, abi: CampaignBank.abi } as const;
        const [balance, limitLeft, isPaused] = await Promise.all([
            this.client
                .readContract({
                    address: token,
                    abi: erc20Abi,
                    functionName: "balanceOf",
                    args: [bank],
                })
                .catch(nothingIfRefused),
            this.client.readContract({ ...inBank, functionName: "spendable", args: [token] }),
            this.client.readContract({ ...inBank, functionName: "paused" }),
        ]);
        const spendable = isPaused ? 0n : min(balance, limitLeft);
        return { bank, token, balance, limitLeft, spendable, isPaused };
    }
}

/** One bad token must not keep the others from being paid; a node that is silent still must. */
function nothingIfRefused(error: unknown): bigint {
    const isRefusal = (cause: unknown) =>
        cause instanceof ContractFunctionRevertedError ||
        cause instanceof ContractFunctionZeroDataError;
    if (error instanceof BaseError && error.walk(isRefusal)) return 0n;
    throw error;
}

const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);
