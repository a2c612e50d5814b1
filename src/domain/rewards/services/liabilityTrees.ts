import type { Address } from "viem";
import type { Lookups } from "@/infrastructure/crypto/Lookups";
import {
    type LiabilityLeaf,
    type MerchantLiability,
    merchantsSumTree,
    rewardsSumTree,
    type TokenLiability,
} from "@/utils/epochTrees";
import type { MerchantId } from "@/utils/ids";
import type { Liability } from "../db/epochs";

/** What one merchant owes of one token, with the leaves that it is made of. */
export type MerchantTree = MerchantLiability & { merchantId: MerchantId; leaves: LiabilityLeaf[] };
export type TokenTree = TokenLiability & { merchants: MerchantTree[] };

/** All that is owed as trees of trees: rewards under merchants, merchants under tokens, in a fixed order. */
export function liabilityTrees(owed: readonly Liability[], lookups: Lookups): TokenTree[] {
    const byToken = Map.groupBy(owed, ({ token }) => token);
    const tokens = [...byToken].map(([token, rows]) => tokenTree(token, rows, lookups));
    return tokens.toSorted((a, b) => (a.token.toLowerCase() < b.token.toLowerCase() ? -1 : 1));
}

function tokenTree(token: Address, rows: readonly Liability[], lookups: Lookups): TokenTree {
    const byMerchant = Map.groupBy(rows, ({ merchantId }) => merchantId);
    const merchants = [...byMerchant].map(([merchantId, ofMerchant]) => {
        const leaves = ofMerchant.map(({ rewardId, amount }) => ({
            reward: lookups.commitment("reward", rewardId),
            token,
            amount,
        }));
        const { hash: root, sum: amount } = rewardsSumTree(leaves).root;
        const merchantKey = lookups.commitment("merchant", merchantId);
        return { merchantId, merchantKey, token, root, amount, leaves };
    });
    const { hash: root, sum: amount } = merchantsSumTree(merchants).root;
    return { token, root, amount, merchants };
}
