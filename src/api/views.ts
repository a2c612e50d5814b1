import { t } from "elysia";
import type { Address } from "viem";
import { MerchantContext } from "@/domain/merchant";
import type { RewardView, WhyView } from "@/orchestration/read";
import {
    asInstant,
    asInstantOrNull,
    asTokenAmount,
    Instant,
    orNull,
    TokenAmountShape,
} from "./schemas";

const { merchants } = MerchantContext.services;

export const Reward = t.Object({
    id: t.String(),
    merchantId: t.String(),
    campaignId: t.String(),
    campaignVersion: t.Integer(),
    purchaseId: orNull(t.String()),
    role: t.String({ examples: ["referrer", "referee", "user"] }),
    depth: t.Integer({ description: "0 for the one who is rewarded directly" }),
    asset: t.String({ examples: ["token", "points", "discount"] }),
    amount: TokenAmountShape,
    originalAmount: TokenAmountShape,
    status: t.String({
        examples: ["pending", "available", "waitsForFunds", "settling", "settled", "cancelled"],
    }),
    reason: orNull(t.String()),
    availableAt: Instant,
    expiresAt: orNull(Instant),
    settledAt: orNull(Instant),
    txHash: orNull(t.String()),
    createdAt: Instant,
});

export function asReward(view: RewardView) {
    const asset = view.asset === "token" ? merchants.assetOf(view.token) : unitsOf(view.asset);
    return {
        id: view.id,
        merchantId: view.merchantId,
        campaignId: view.campaignId,
        campaignVersion: view.campaignVersion,
        purchaseId: view.purchaseId,
        role: view.recipient,
        depth: view.chainDepth,
        asset: view.asset,
        amount: asTokenAmount(view.amount, asset),
        originalAmount: asTokenAmount(view.originalAmount, asset),
        status: view.status,
        reason: view.reason,
        availableAt: asInstant(view.availableAt),
        expiresAt: asInstantOrNull(view.expiresAt),
        settledAt: asInstantOrNull(view.settledAt),
        txHash: view.txHash,
        createdAt: asInstant(view.createdAt),
    };
}

/** Points are whole; a discount is in minor units of the shop's currency. Neither is on a chain. */
const unitsOf = (asset: string) => ({ address: asset as Address, symbol: asset, decimals: 0 });

/** Whole units as text: minor units of the currency, base units of the asset. */
const Trace = {
    conditions: t.Array(
        t.Object({
            path: t.String(),
            field: t.String(),
            op: t.String(),
            expected: t.String(),
            actual: orNull(t.String()),
            met: t.Boolean(),
        })
    ),
    attribution: t.Object({
        model: t.String(),
        windowDays: t.Integer(),
        shares: t.Array(
            t.Object({
                touchpointId: t.String(),
                referrer: t.Object({ groupId: t.String() }),
                share: t.String({ description: "A fraction of 1" }),
            })
        ),
    }),
    limits: t.Array(t.Unknown()),
    budgets: t.Array(
        t.Object({ name: t.String(), before: t.String(), taken: t.String(), after: t.String() })
    ),
    prices: t.Array(
        t.Object({ currency: t.String(), price: t.String(), source: t.String(), at: Instant })
    ),
    rewards: t.Array(t.Object({ role: t.String(), depth: t.Integer(), amount: t.String() })),
};

export const Why = t.Object({
    interactionId: t.String(),
    occurredAt: Instant,
    evaluations: t.Array(
        t.Object({
            campaignId: t.String(),
            campaignVersion: t.Integer(),
            outcome: t.String({
                description: "`rewarded`, or why nothing is owed",
                examples: ["rewarded", "notMatched", "budgetExhausted", "noReferrer", "testOrder"],
            }),
            ...Trace,
        })
    ),
});

const silent = { conditions: [], limits: [], budgets: [], prices: [], rewards: [] };
const nobody = { model: "none", windowDays: 0, shares: [] };

export function asWhy({ interaction, traces }: WhyView) {
    return {
        interactionId: interaction.id,
        occurredAt: asInstant(interaction.occurredAt),
        evaluations: traces.map(({ trace, ...decision }) => ({
            attribution: nobody,
            ...silent,
            ...decision,
            ...trace,
        })),
    };
}
