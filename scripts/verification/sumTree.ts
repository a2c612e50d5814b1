import { encodePacked, type Hex, keccak256, toHex } from "viem";

export type Node = { hash: Hex; sum: bigint };

/** The sum tree of Commend, written again from its description: who checks should not share code with who is checked. */
export function sumRoot(leaves: readonly Node[]): Node {
    let level = leaves.toSorted((a, b) => (a.hash < b.hash ? -1 : 1));
    while (level.length > 1) level = above(level);
    return level[0] ?? { hash: toHex(0n, { size: 32 }), sum: 0n };
}

/** Pairs are joined; who is left alone moves up as it is. */
const above = (level: readonly Node[]): Node[] =>
    level.flatMap((left, at) => {
        if (at % 2 === 1) return [];
        const right = level[at + 1];
        return [right ? join(left, right) : left];
    });

function join(left: Node, right: Node): Node {
    const packed = encodePacked(
        ["bytes32", "bytes32", "uint256", "bytes32", "uint256"],
        [keccak256(toHex("commend/sum-node/v1")), left.hash, left.sum, right.hash, right.sum]
    );
    return { hash: keccak256(packed), sum: left.sum + right.sum };
}
