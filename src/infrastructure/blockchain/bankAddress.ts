import { type Address, encodeAbiParameters, type Hex, keccak256, parseAbiParameters } from "viem";
import { cloneAddress } from "./cloneAddress";
import type { ContractAddresses } from "./contractAddresses";

type Bank = Pick<ContractAddresses, "bankFactory" | "bankImplementation"> & {
    owner: Address;
    /** 32 bytes that stand for the merchant and tell a stranger nothing. */
    merchantKey: Hex;
};

const saltParameters = parseAbiParameters("address owner, bytes32 merchantKey");

/** Where a merchant's bank is, or will be: as the factory's `predict`. */
export function bankAddress({
    bankFactory,
    bankImplementation,
    owner,
    merchantKey,
}: Bank): Address {
    return cloneAddress({
        factory: bankFactory,
        implementation: bankImplementation,
        salt: keccak256(encodeAbiParameters(saltParameters, [owner, merchantKey])),
    });
}
