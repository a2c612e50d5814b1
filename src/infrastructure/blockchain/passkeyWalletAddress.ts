import { PasskeyAccountFactory } from "@contracts/artifacts/PasskeyAccountFactory";
import {
    type Address,
    encodeAbiParameters,
    getContractAddress,
    type Hex,
    keccak256,
    parseAbiParameters,
} from "viem";
import { cloneAddress } from "./cloneAddress";
import { creation } from "./creation";

/** The coordinates of a P-256 key, 32 bytes each. */
export type PasskeyPublicKey = { x: Hex; y: Hex };

type FirstPasskey = { credentialId: Uint8Array; publicKey: PasskeyPublicKey; index?: bigint };

const factory = creation(PasskeyAccountFactory.bytecode).address;
const implementation = getContractAddress({ from: factory, nonce: 1n });
const saltParameters = parseAbiParameters("bytes32 credentialIdHash, uint256 index");
const keyParameters = parseAbiParameters("bytes32 x, bytes32 y");

/**
 * The wallet of a person whose first passkey this is, whether it is deployed or not. The same on
 * every chain.
 */
export function passkeyWalletAddress({
    credentialId,
    publicKey: { x, y },
    index = 0n,
}: FirstPasskey): Address {
    const salt = encodeAbiParameters(saltParameters, [keccak256(credentialId), index]);
    const args = encodeAbiParameters(keyParameters, [x, y]);
    return cloneAddress({ factory, implementation, salt: keccak256(salt), args });
}
