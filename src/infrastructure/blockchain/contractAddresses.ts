import { type Address, getContractAddress } from "viem";
import { entryPoint08Address } from "viem/account-abstraction";
import { contractCreations } from "./contractCreations";

export type ContractAddresses = {
    rewardsHub: Address;
    bankFactory: Address;
    bankImplementation: Address;
    passkeyAccountFactory: Address;
    merchantRegistry: Address;
    testToken: Address;
    entryPoint: Address;
};

/** Where our contracts are, or will be, on every chain alike. No chain is asked. */
export function contractAddresses(admin: Address): ContractAddresses {
    const { rewardsHub, merchantRegistry, testToken, passkeyAccountFactory } =
        contractCreations(admin);
    const bankFactory = firstChildOf(rewardsHub.address);
    return {
        rewardsHub: rewardsHub.address,
        bankFactory,
        bankImplementation: firstChildOf(bankFactory),
        passkeyAccountFactory: passkeyAccountFactory.address,
        merchantRegistry: merchantRegistry.address,
        testToken: testToken.address,
        entryPoint: entryPoint08Address,
    };
}

/**
 * The hub makes the factory while it is made itself, and the factory the bank that others are
 * clones of.
 */
function firstChildOf(parent: Address): Address {
    return getContractAddress({ from: parent, nonce: 1n });
}
