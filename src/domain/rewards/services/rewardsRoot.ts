import { StandardMerkleTree } from "@openzeppelin/merkle-tree";
import type { Hex } from "viem";

/** One reward inside a payment. Ids are salted hashes: a leaf says nothing to who does not hold the row. */
export type RewardLeaf = {
    reward: Hex;
    paymentId: bigint;
    purchase: Hex;
    amount: bigint;
};

const types = ["bytes32", "uint256", "bytes32", "uint256"];

/** The root that commits to every reward of a batch: OpenZeppelin's standard tree, double-hashed leaves, sorted pairs. */
export function rewardsRoot(leaves: readonly RewardLeaf[]): Hex {
    const values = leaves.map(({ reward, paymentId, purchase, amount }) => [
        reward,
        paymentId.toString(),
        purchase,
        amount.toString(),
    ]);
    return StandardMerkleTree.of(values, types).root as Hex;
}
