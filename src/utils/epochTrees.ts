import { StandardMerkleTree } from "@openzeppelin/merkle-tree";
import {
    type Address,
    encodeAbiParameters,
    type Hex,
    keccak256,
    stringToHex,
    zeroHash,
} from "viem";
import { rootOf, type SumNode, type SumStep, SumTree } from "./sumTree";

/** One purchase of an epoch. Ids are salted hashes: a leaf tells nothing to who does not hold the row. */
export type PurchaseLeaf = { purchase: Hex; status: string; netHash: Hex };
/** One reward inside a payment. */
export type RewardLeaf = { reward: Hex; paymentId: bigint; purchase: Hex; amount: bigint };
/** One reward that is owed. */
export type LiabilityLeaf = { reward: Hex; token: Address; amount: bigint };
/** What one merchant owes of one token: `root` is of a sum tree of its rewards. */
export type MerchantLiability = { merchantKey: Hex; token: Address; root: Hex; amount: bigint };
/** What everybody owes of one token: `root` is of a sum tree of merchants. */
export type TokenLiability = { token: Address; root: Hex; amount: bigint };

const rewardTypes = ["bytes32", "uint256", "bytes32", "uint256"];
const purchaseTypes = ["bytes32", "string", "bytes32"];
const tags = {
    reward: tagOf("commend/liability/v1"),
    merchant: tagOf("commend/merchant-liability/v1"),
    all: tagOf("commend/liabilities/v1"),
};

export const rewardsTree = (leaves: readonly RewardLeaf[]) =>
    StandardMerkleTree.of(leaves.map(rewardValues), rewardTypes);

/** The tree of nothing has the root zero. */
export const purchasesTree = (leaves: readonly PurchaseLeaf[]) =>
    leaves.length === 0
        ? undefined
        : StandardMerkleTree.of(leaves.map(purchaseValues), purchaseTypes);

export const purchasesRoot = (leaves: readonly PurchaseLeaf[]): Hex =>
    (purchasesTree(leaves)?.root as Hex | undefined) ?? zeroHash;

export const isReward = (root: Hex, leaf: RewardLeaf, proof: readonly Hex[]): boolean =>
    StandardMerkleTree.verify(root, rewardTypes, rewardValues(leaf), [...proof]);

export const isPurchase = (root: Hex, leaf: PurchaseLeaf, proof: readonly Hex[]): boolean =>
    StandardMerkleTree.verify(root, purchaseTypes, purchaseValues(leaf), [...proof]);

/** What a purchase is worth without saying it: only who knows the salt can try amounts. */
export const netHashOf = (salt: Hex, currency: string, net: bigint): Hex =>
    keccak256(
        encodeAbiParameters(
            [{ type: "bytes32" }, { type: "string" }, { type: "uint256" }],
            [salt, currency, net]
        )
    );

export const liabilityNode = ({ reward, token, amount }: LiabilityLeaf): SumNode => ({
    hash: tagged(tags.reward, reward, token),
    sum: amount,
});

export const merchantNode = ({ merchantKey, token, root, amount }: MerchantLiability): SumNode => ({
    hash: keccak256(
        encodeAbiParameters(
            [...threeWords, { type: "bytes32" }],
            [tags.merchant, merchantKey, token, root]
        )
    ),
    sum: amount,
});

/** One hash over the trees of all tokens, in the order of their addresses. */
export function liabilitiesRoot(tokens: readonly TokenLiability[]): Hex {
    if (tokens.length === 0) return zeroHash;
    const list = { type: "tuple[]", components: tokenComponents } as const;
    return keccak256(encodeAbiParameters([{ type: "bytes32" }, list], [tags.all, tokens]));
}

/** Rewards of one merchant in one token, in a fixed order. */
export const rewardsSumTree = (leaves: readonly LiabilityLeaf[]): SumTree =>
    new SumTree(inOrder(leaves.map(liabilityNode)));

export const merchantsSumTree = (merchants: readonly MerchantLiability[]): SumTree =>
    new SumTree(inOrder(merchants.map(merchantNode)));

/** From the node up to the root in its tree, which was made of nodes in this order. */
export function sumProofOf(nodes: readonly SumNode[], node: SumNode): SumStep[] {
    const sorted = inOrder(nodes);
    const place = sorted.findIndex(({ hash }) => hash === node.hash);
    if (place < 0) throw new Error("The node is not in this tree");
    return new SumTree(sorted).proofOf(place);
}

export function leadsTo(node: SumNode, proof: readonly SumStep[], to: SumNode): boolean {
    try {
        const { hash, sum } = rootOf(node, proof);
        return hash === to.hash && sum === to.sum;
    } catch {
        return false;
    }
}

const inOrder = (nodes: readonly SumNode[]): SumNode[] =>
    nodes.toSorted((a, b) => (a.hash < b.hash ? -1 : 1));

const threeWords = [{ type: "bytes32" }, { type: "bytes32" }, { type: "address" }] as const;
const tokenComponents = [
    { name: "token", type: "address" },
    { name: "root", type: "bytes32" },
    { name: "amount", type: "uint256" },
] as const;

const tagged = (tag: Hex, id: Hex, token: Address): Hex =>
    keccak256(encodeAbiParameters(threeWords, [tag, id, token]));

function tagOf(text: string): Hex {
    return keccak256(stringToHex(text));
}

const rewardValues = ({ reward, paymentId, purchase, amount }: RewardLeaf): string[] => [
    reward,
    paymentId.toString(),
    purchase,
    amount.toString(),
];
const purchaseValues = ({ purchase, status, netHash }: PurchaseLeaf): string[] => [
    purchase,
    status,
    netHash,
];
