import { type Address, concatHex, getContractAddress, type Hex, numberToHex, size } from "viem";

type Clone = { factory: Address; implementation: Address; salt: Hex; args?: Hex };

/**
 * Where a factory puts an ERC-1167 clone by CREATE2. Arguments are kept behind its code, as
 * OpenZeppelin does.
 */
export function cloneAddress({ factory, implementation, salt, args }: Clone): Address {
    const bytecode = concatHex([
        args ? constructorFor(args) : "0x3d602d80600a3d3981f3",
        "0x363d3d373d3d3d363d73",
        implementation,
        "0x5af43d82803e903d91602b57fd5bf3",
        args ?? "0x",
    ]);
    return getContractAddress({ opcode: "CREATE2", from: factory, salt, bytecode });
}

function constructorFor(args: Hex): Hex {
    const codeSize = numberToHex(0x2d + size(args), { size: 2 });
    return concatHex(["0x61", codeSize, "0x3d81600a3d39f3"]);
}
