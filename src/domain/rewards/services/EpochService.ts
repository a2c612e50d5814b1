import { LRUCache } from "lru-cache";
import { type Hex, zeroHash } from "viem";
import type { Lookups } from "@/infrastructure/crypto/Lookups";
import {
    liabilitiesRoot,
    liabilityNode,
    merchantNode,
    netHashOf,
    purchasesRoot,
    purchasesTree,
    rewardsTree,
    sumProofOf,
} from "@/utils/epochTrees";
import { NotFoundError } from "@/utils/errors";
import type { ChainTransactionId, MerchantId, PurchaseId, RewardId } from "@/utils/ids";
import type { Clock } from "@/utils/time";
import type { EpochPublication } from "../db/epochs";
import type { EpochBatch, EpochRepository, SentPublication } from "../repositories/EpochRepository";
import type { SettlementRepository } from "../repositories/SettlementRepository";
import { liabilityTrees, type TokenTree } from "./liabilityTrees";

/** A purchase as an epoch records it: `net` in minor units of its currency. */
export type RecordedPurchase = { id: PurchaseId; status: string; currency: string; net: bigint };
/** What the chain said just before an epoch is closed. */
export type ChainMoment = { block: bigint; paid: readonly bigint[] };
export type EpochView = { publication: EpochPublication; batches: EpochBatch[] };

/** Closes epochs, and proves what they committed to. */
export class EpochService {
    /** What a closed epoch committed to never changes, and is all that anybody is owed: not to be read for each proof. */
    private readonly closedTrees = new LRUCache<bigint, TokenTree[]>({
        max: 4,
        fetchMethod: (epoch) => this.treesOf(epoch),
    });

    constructor(
        private readonly epochs: EpochRepository,
        private readonly settlements: SettlementRepository,
        private readonly lookups: Lookups,
        private readonly clock: Clock
    ) {}

    findPaymentsInFlight(): Promise<bigint[]> {
        return this.epochs.findPaymentsInFlight();
    }

    findLast(): Promise<EpochPublication | undefined> {
        return this.epochs.findLast();
    }

    /** Must be called in the transaction that closes an epoch; false when another process is at it. */
    tryLockClosing(): Promise<boolean> {
        return this.epochs.tryLockClosing();
    }

    findClosable(): Promise<bigint | undefined> {
        return this.epochs.findClosable();
    }

    /** An epoch without payments, for when purchases would wait too long for the next that has some. */
    openEmpty(): Promise<bigint> {
        return this.settlements.openEpoch(this.clock.now());
    }

    /** Writes down what the epoch commits to. Must be called in a transaction. */
    async close(
        epoch: bigint,
        purchases: readonly RecordedPurchase[],
        { block, paid }: ChainMoment
    ): Promise<void> {
        const leaves = purchases.map((purchase) => ({ epoch, ...this.leafOf(purchase) }));
        await this.epochs.addPurchaseLeaves(leaves);
        await this.epochs.recordLiabilities(epoch, paid);
        const tokens = await this.treesOf(epoch);
        await this.epochs.add({
            epoch,
            purchasesRoot: purchasesRoot(leaves),
            liabilitiesRoot: liabilitiesRoot(tokens),
            liabilities: tokens.map(({ token, root, amount }) => ({
                token,
                root,
                amount: amount.toString(),
            })),
            asOfBlock: block,
            closedAt: this.clock.now(),
        });
    }

    findUnsigned(): Promise<bigint[]> {
        return this.epochs.findUnsigned();
    }

    lockUnsigned(epoch: bigint): Promise<EpochPublication | undefined> {
        return this.epochs.lockUnsigned(epoch);
    }

    async markSent(epoch: bigint, transactionId: ChainTransactionId): Promise<void> {
        await this.epochs.update(epoch, { transactionId });
    }

    /** The transaction was reverted: it is signed again. */
    async markUnsent(epoch: bigint): Promise<void> {
        await this.epochs.update(epoch, { transactionId: null });
    }

    findSent(): Promise<SentPublication[]> {
        return this.epochs.findSent();
    }

    async markPublished(epoch: bigint, txHash: Hex): Promise<void> {
        await this.epochs.update(epoch, { txHash, publishedAt: this.clock.now() });
    }

    /** Throws `EPOCH_NOT_FOUND` also for one that is not closed yet. */
    async view(epoch: bigint): Promise<EpochView> {
        const publication = await this.epochs.find(epoch);
        if (!publication) throw new NotFoundError("EPOCH_NOT_FOUND", "This epoch is not closed");
        return { publication, batches: await this.epochs.findBatches(epoch) };
    }

    /** Every leaf of an epoch. They say nothing of anybody, so they are for everybody. */
    async leavesOf(epoch: bigint) {
        await this.view(epoch);
        const [rewards, purchases, liabilities] = await Promise.all([
            this.epochs.findRewardLeaves(epoch),
            this.epochs.findPurchaseLeaves(epoch),
            this.closedTreesOf(epoch),
        ]);
        return { rewards, purchases, liabilities };
    }

    /** That a reward is in the root of the batch that paid it; nothing when it was in none. */
    async rewardProof(rewardId: RewardId) {
        const leaf = await this.epochs.findRewardLeaf(rewardId);
        if (!leaf) return undefined;
        const ofEpoch = await this.epochs.findRewardLeaves(leaf.epoch);
        const tree = rewardsTree(ofEpoch.filter(({ batchId }) => batchId === leaf.batchId));
        const proof = tree.getProof([
            leaf.reward,
            leaf.paymentId.toString(),
            leaf.purchase,
            leaf.amount.toString(),
        ]) as Hex[];
        return { leaf, proof };
    }

    /** That a reward is among what was owed when the last epoch closed; nothing when it was not. */
    async liabilityProof(rewardId: RewardId) {
        const last = await this.epochs.findLast();
        const row = last && (await this.epochs.findLiabilityOf(rewardId, last.epoch));
        if (!row) return undefined;
        const found = await this.merchantIn(last, row.merchantId, row.token);
        if (!found) return undefined;
        const reward = this.lookups.commitment("reward", rewardId);
        const leaf = { reward, token: row.token, amount: row.amount };
        const nodes = found.merchant.leaves.map(liabilityNode);
        return { ...found, leaf, proof: sumProofOf(nodes, liabilityNode(leaf)) };
    }

    /** What a merchant owed when the last epoch closed, by token, each with its way to the published root. */
    async merchantProofs(merchantId: MerchantId) {
        const last = await this.epochs.findLast();
        if (!last) return { last, proofs: [] };
        const trees = await this.closedTreesOf(last.epoch);
        const found = trees.flatMap((tree) => this.inTree(tree, last, merchantId));
        return { last, proofs: found };
    }

    /** That a purchase is in the root of the last epoch that recorded it; nothing when none has. */
    async purchaseProof(purchaseId: PurchaseId) {
        const leaf = await this.epochs.findPurchaseLeaf(purchaseId);
        if (!leaf) return undefined;
        const publication = await this.epochs.find(leaf.epoch);
        const tree = purchasesTree(await this.epochs.findPurchaseLeaves(leaf.epoch));
        const values = [leaf.purchase, leaf.status, leaf.netHash];
        const proof = (tree?.getProof(values) ?? []) as Hex[];
        const root = publication?.purchasesRoot ?? zeroHash;
        return { leaf, root, salt: this.saltOf(purchaseId), proof };
    }

    private async merchantIn(
        last: EpochPublication,
        merchantId: MerchantId,
        token: TokenTree["token"]
    ) {
        const trees = await this.closedTreesOf(last.epoch);
        const tree = trees.find((one) => one.token === token);
        return tree && this.inTree(tree, last, merchantId)[0];
    }

    private inTree({ token, merchants }: TokenTree, last: EpochPublication, id: MerchantId) {
        const merchant = merchants.find(({ merchantId }) => merchantId === id);
        if (!merchant) return [];
        const merchantProof = sumProofOf(merchants.map(merchantNode), merchantNode(merchant));
        return [{ publication: last, token, merchant, merchantProof }];
    }

    /** Only of an epoch that was read as closed: one that is being closed may still come to nothing. */
    private closedTreesOf(epoch: bigint): Promise<TokenTree[]> {
        return this.closedTrees.forceFetch(epoch);
    }

    private async treesOf(epoch: bigint): Promise<TokenTree[]> {
        return liabilityTrees(await this.epochs.findLiabilities(epoch), this.lookups);
    }

    private leafOf({ id, status, currency, net }: RecordedPurchase) {
        const purchase = this.lookups.commitment("purchase", id);
        const netHash = netHashOf(this.saltOf(id), currency, net);
        return { purchaseId: id, purchase, status, netHash, currency, net };
    }

    private saltOf(id: PurchaseId): Hex {
        return this.lookups.commitment("purchase-net", id);
    }
}
