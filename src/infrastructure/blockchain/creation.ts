import { type Address, getContractAddress, type Hex, zeroHash } from "viem";

/** The CREATE2 deployer that is at this address on nearly every chain, anvil included. */
export const create2Deployer: Address = "0x4e59b44847b379578588920cA78FbF26c0B4956C";

/**
 * A contract to be, and where: the address follows from the code, its arguments included, and the
 * salt.
 */
export type Creation = { code: Hex; salt: Hex; address: Address };

export function creation(code: Hex, salt: Hex = zeroHash): Creation {
    const from = create2Deployer;
    const address = getContractAddress({ opcode: "CREATE2", from, salt, bytecode: code });
    return { code, salt, address };
}
