import { Elysia, t } from "elysia";
import type { Hex } from "viem";
import { getAddress } from "viem";
import { RewardsContext } from "@/domain/rewards";
import { contracts } from "@/infrastructure/blockchain";
import { config } from "@/infrastructure/config";
import {
    isPurchase,
    isReward,
    leadsTo,
    liabilitiesRoot,
    liabilityNode,
    merchantNode,
} from "@/utils/epochTrees";
import { rateLimit } from "../macros/rateLimit";
import { asInstant, asInstantOrNull, Instant, orNull, refusals } from "../schemas";

const { epochs } = RewardsContext.services;
const tags = ["proofs"];

export const Hash = t.Unsafe<Hex>(
    t.String({ pattern: "^0x[\\da-f]{64}$", examples: [`0x${"a1".repeat(32)}`] })
);
const Address = t.String({ pattern: "^0x[\\da-fA-F]{40}$" });
/** Any number that a contract can hold. */
const Units = t.String({ pattern: "^\\d{1,78}$", description: "Whole base units" });
const Path = t.Array(Hash, { maxItems: 64 });
const SumPath = t.Array(
    t.Object({ hash: Hash, sum: Units, side: t.Union([t.Literal("left"), t.Literal("right")]) }),
    { maxItems: 64 }
);

export const RewardLeafShape = t.Object({
    reward: Hash,
    paymentId: Units,
    purchase: Hash,
    amount: Units,
});
export const PurchaseLeafShape = t.Object({
    purchase: Hash,
    status: t.String({ maxLength: 40 }),
    netHash: Hash,
});
const LiabilityLeafShape = t.Object({ reward: Hash, token: Address, amount: Units });
const MerchantShape = t.Object({ merchantKey: Hash, token: Address, root: Hash, amount: Units });
const TokenShape = t.Object({ token: Address, root: Hash, amount: Units });

export const RewardProofShape = t.Object({
    kind: t.Literal("reward"),
    root: Hash,
    leaf: RewardLeafShape,
    proof: Path,
});
export const PurchaseProofShape = t.Object({
    kind: t.Literal("purchase"),
    root: Hash,
    leaf: PurchaseLeafShape,
    proof: Path,
});
export const MerchantProofShape = t.Object({
    kind: t.Literal("merchant"),
    root: Hash,
    merchant: MerchantShape,
    merchantProof: SumPath,
    tokens: t.Array(TokenShape, { maxItems: 100 }),
});
export const LiabilityProofShape = t.Object({
    ...MerchantProofShape.properties,
    kind: t.Literal("liability"),
    leaf: LiabilityLeafShape,
    proof: SumPath,
});
const AnyProof = t.Union([
    RewardProofShape,
    PurchaseProofShape,
    MerchantProofShape,
    LiabilityProofShape,
]);

const Epoch = t.Object({
    number: t.String(),
    chainId: t.Integer(),
    hub: t.String({ description: "The contract that the roots are published on" }),
    purchasesRoot: t.String(),
    liabilitiesRoot: t.String(),
    liabilities: t.Array(TokenShape),
    asOfBlock: t.String({ description: "The block that liabilities are to be compared with" }),
    closedAt: Instant,
    publishedAt: orNull(Instant),
    txHash: orNull(t.String()),
    batches: t.Array(t.Object({ rewardsRoot: t.String(), txHash: orNull(t.String()) })),
});
const Leaves = t.Object({
    rewards: t.Array(t.Object({ rewardsRoot: Hash, ...RewardLeafShape.properties })),
    purchases: t.Array(PurchaseLeafShape),
    merchants: t.Array(
        t.Object({
            ...MerchantShape.properties,
            rewards: t.Array(t.Object({ reward: Hash, amount: Units })),
        })
    ),
});
const params = t.Object({ number: t.String({ pattern: "^\\d{1,18}$", examples: ["1"] }) });
const notFound = refusals({ 404: ["EPOCH_NOT_FOUND"] });

export const epochRoutes = new Elysia()
    .use(rateLimit)
    .guard({ rateLimit: "publicLists" })
    .get("/epochs/:number", async ({ params }) => asEpoch(BigInt(params.number)), {
        params,
        response: { 200: Epoch, ...notFound },
        detail: { tags, summary: "What an epoch committed to: its roots and totals" },
    })
    .get("/epochs/:number/leaves", async ({ params }) => asLeaves(BigInt(params.number)), {
        params,
        response: { 200: Leaves, ...notFound },
        detail: {
            tags,
            summary: "Every leaf of an epoch",
            description:
                "Ids are salted hashes, so leaves tell of nobody. With them and the contract, anybody can rebuild the roots.",
        },
    })
    .post("/proofs/verify", ({ body }) => ({ valid: isValid(body), root: body.root }), {
        body: AnyProof,
        response: { 200: t.Object({ valid: t.Boolean(), root: Hash }), ...refusals() },
        detail: {
            tags,
            summary: "Whether a proof leads to its root",
            description:
                "That the root is the one on chain is for the caller to see: compare it with the event of the hub.",
        },
    });

async function asEpoch(number: bigint) {
    const { publication, batches } = await epochs.view(number);
    return {
        number: number.toString(),
        chainId: config.CHAIN_ID,
        hub: contracts.rewardsHub,
        purchasesRoot: publication.purchasesRoot,
        liabilitiesRoot: publication.liabilitiesRoot,
        liabilities: publication.liabilities,
        asOfBlock: publication.asOfBlock.toString(),
        closedAt: asInstant(publication.closedAt),
        publishedAt: asInstantOrNull(publication.publishedAt),
        txHash: publication.txHash,
        batches: batches.map(({ rewardsRoot, txHash }) => ({ rewardsRoot, txHash })),
    };
}

async function asLeaves(number: bigint) {
    const { rewards, purchases, liabilities } = await epochs.leavesOf(number);
    return {
        rewards: rewards.map((leaf) => ({ rewardsRoot: leaf.rewardsRoot, ...asRewardLeaf(leaf) })),
        purchases: purchases.map(({ purchase, status, netHash }) => ({
            purchase,
            status,
            netHash,
        })),
        merchants: liabilities.flatMap(({ merchants }) =>
            merchants.map(({ leaves, ...merchant }) => ({
                ...asMerchantLiability(merchant),
                rewards: leaves.map(({ reward, amount }) => ({
                    reward,
                    amount: amount.toString(),
                })),
            }))
        ),
    };
}

type RewardLeaf = Parameters<typeof isReward>[1];
type MerchantLiability = Parameters<typeof merchantNode>[0];
type LiabilityProof = NonNullable<Awaited<ReturnType<typeof epochs.liabilityProof>>>;
type MerchantProof = Pick<LiabilityProof, "publication" | "merchant" | "merchantProof">;
type Proof = typeof AnyProof.static;
type SumSteps = typeof SumPath.static;

export const asRewardLeaf = ({ reward, paymentId, purchase, amount }: RewardLeaf) => ({
    reward,
    paymentId: paymentId.toString(),
    purchase,
    amount: amount.toString(),
});

const asMerchantLiability = ({ merchantKey, token, root, amount }: MerchantLiability) => ({
    merchantKey,
    token,
    root,
    amount: amount.toString(),
});

const asSteps = (steps: LiabilityProof["proof"]) =>
    steps.map((step) => ({ ...step, sum: step.sum.toString() }));

export const asMerchantProof = ({ publication, merchant, merchantProof }: MerchantProof) => ({
    kind: "merchant" as const,
    root: publication.liabilitiesRoot,
    merchant: asMerchantLiability(merchant),
    merchantProof: asSteps(merchantProof),
    tokens: publication.liabilities,
});

export const asLiabilityProof = ({ leaf, proof, ...merchant }: LiabilityProof) => ({
    ...asMerchantProof(merchant),
    kind: "liability" as const,
    leaf: { ...leaf, amount: leaf.amount.toString() },
    proof: asSteps(proof),
});

function isValid(proof: Proof): boolean {
    switch (proof.kind) {
        case "reward": {
            const { paymentId, amount } = proof.leaf;
            const leaf = { ...proof.leaf, paymentId: BigInt(paymentId), amount: BigInt(amount) };
            return isSaid(() => isReward(proof.root, leaf, proof.proof));
        }
        case "purchase":
            return isSaid(() => isPurchase(proof.root, proof.leaf, proof.proof));
        case "merchant":
            return isSaid(() => isMerchant(proof));
        default:
            return isSaid(() => isLiability(proof));
    }
}

/** What cannot be hashed (a number beyond 256 bits) was never hashed by us. */
function isSaid(check: () => boolean): boolean {
    try {
        return check();
    } catch {
        return false;
    }
}

function isMerchant(
    proof: Pick<typeof MerchantProofShape.static, "root" | "merchant" | "merchantProof" | "tokens">
): boolean {
    const tokens = proof.tokens.map((one) => ({
        ...one,
        token: getAddress(one.token),
        amount: BigInt(one.amount),
    }));
    const token = getAddress(proof.merchant.token);
    const tree = tokens.find((one) => one.token === token);
    if (!tree || liabilitiesRoot(tokens) !== proof.root) return false;
    const node = merchantNode({ ...proof.merchant, token, amount: BigInt(proof.merchant.amount) });
    return leadsTo(node, steps(proof.merchantProof), { hash: tree.root, sum: tree.amount });
}

function isLiability(proof: typeof LiabilityProofShape.static): boolean {
    const { leaf, merchant } = proof;
    if (getAddress(leaf.token) !== getAddress(merchant.token)) return false;
    const node = liabilityNode({
        reward: leaf.reward,
        token: getAddress(leaf.token),
        amount: BigInt(leaf.amount),
    });
    const ofMerchant = { hash: merchant.root, sum: BigInt(merchant.amount) };
    return leadsTo(node, steps(proof.proof), ofMerchant) && isMerchant(proof);
}

const steps = (path: SumSteps) => path.map((step) => ({ ...step, sum: BigInt(step.sum) }));
