import { StandardMerkleTree } from "@openzeppelin/merkle-tree";
import { concat, encodeAbiParameters, type Hex, keccak256, parseAbiParameters, toHex } from "viem";
import { describe, expect, test } from "vitest";
import { type RewardLeaf, rewardsTree } from "@/utils/epochTrees";

const rewardsRoot = (leaves: readonly RewardLeaf[]): Hex => rewardsTree(leaves).root as Hex;
const hash = (text: string): Hex => keccak256(toHex(text));
const types = ["bytes32", "uint256", "bytes32", "uint256"];
const valuesOf = ({ reward, paymentId, purchase, amount }: RewardLeaf) => [
    reward,
    paymentId,
    purchase,
    amount,
];
const leaves: RewardLeaf[] = Array.from({ length: 7 }, (_, index) => ({
    reward: hash(`reward ${index}`),
    paymentId: BigInt(index >> 1),
    purchase: hash(`order ${index}`),
    amount: 2_000_000n + BigInt(index),
}));

describe("the root of a batch", () => {
    test("is what every reward of it can be proven against, and nothing else", () => {
        const root = rewardsRoot(leaves);
        const tree = StandardMerkleTree.of(leaves.map(valuesOf), types);
        for (const [index, leaf] of leaves.entries()) {
            const proof = tree.getProof(index);
            expect(StandardMerkleTree.verify(root, types, valuesOf(leaf), proof)).toBe(true);
            const more = valuesOf({ ...leaf, amount: leaf.amount + 1n });
            expect(StandardMerkleTree.verify(root, types, more, proof)).toBe(false);
            const elsewhere = valuesOf({ ...leaf, paymentId: leaf.paymentId + 1n });
            expect(StandardMerkleTree.verify(root, types, elsewhere, proof)).toBe(false);
        }
    });

    test("of one reward is its leaf, hashed twice: what anybody can compute by hand", () => {
        const [leaf] = leaves as [RewardLeaf];
        const encoded = encodeAbiParameters(
            parseAbiParameters("bytes32, uint256, bytes32, uint256"),
            [leaf.reward, leaf.paymentId, leaf.purchase, leaf.amount]
        );
        expect(rewardsRoot([leaf])).toBe(keccak256(keccak256(encoded)));
    });

    test("of two is the hash of both, the smaller first", () => {
        const [one, other] = leaves.slice(0, 2).map((leaf) => rewardsRoot([leaf])) as [Hex, Hex];
        const sorted = one < other ? [one, other] : [other, one];
        expect(rewardsRoot(leaves.slice(0, 2))).toBe(keccak256(concat(sorted)));
    });

    test("does not depend on the order of the rewards, and depends on each of them", () => {
        expect(rewardsRoot(leaves.toReversed())).toBe(rewardsRoot(leaves));
        expect(rewardsRoot(leaves.slice(1))).not.toBe(rewardsRoot(leaves));
    });

    test("holds amounts and ids far beyond 2^53", () => {
        const leaf = {
            ...(leaves[0] as RewardLeaf),
            amount: 2n ** 255n + 1n,
            paymentId: 2n ** 64n,
        };
        expect(rewardsRoot([leaf])).not.toBe(rewardsRoot([{ ...leaf, amount: 2n ** 255n }]));
    });
});
