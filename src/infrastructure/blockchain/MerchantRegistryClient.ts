import { MerchantRegistry } from "@contracts/artifacts/MerchantRegistry";
import { type Address, encodeFunctionData, keccak256, type PublicClient, stringToHex } from "viem";
import type { Call } from "./ChainTransactionService";

const registerGas = 250_000n;

/** Speaks the language of the registry of merchants. Sends nothing. */
export class MerchantRegistryClient {
    constructor(
        private readonly client: PublicClient,
        readonly address: Address
    ) {}

    /** The number of a domain, as the contract computes it. */
    static idOf(domain: string): bigint {
        return BigInt(keccak256(stringToHex(domain)));
    }

    registerCall(owner: Address, domain: string): Call {
        const data = encodeFunctionData({
            abi: MerchantRegistry.abi,
            functionName: "register",
            args: [owner, domain],
        });
        return { to: this.address, data, gas: registerGas };
    }

    /** Nobody when it is not registered. */
    async ownerOf(domain: string): Promise<Address | undefined> {
        return this.client
            .readContract({
                address: this.address,
                abi: MerchantRegistry.abi,
                functionName: "ownerOf",
                args: [MerchantRegistryClient.idOf(domain)],
            })
            .catch(asNobody);
    }
}

/** The contract answers with an error for what does not exist; a node that does not answer is another matter. */
function asNobody(error: unknown): undefined {
    if (error instanceof Error && /ERC721NonexistentToken/.test(error.message)) return undefined;
    throw error;
}
