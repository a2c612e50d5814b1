import { t } from "elysia";
import type { Address } from "viem";
import { MerchantContext } from "@/domain/merchant";
import type { RewardView, WhyView } from "@/orchestration/read";
import { type Asset, asCurrency, exponentOf } from "@/utils/money";
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

/** Points and discounts have no token behind them: their unit is the points, or the currency's minor unit. */
export function amountIn(
    kind: "token" | "points" | "discount",
    currency: string | null | undefined,
    token: Asset
) {
    if (kind === "token") return (amount: bigint) => asTokenAmount(amount, token);
    const decimals = currency ? exponentOf(asCurrency(currency)) : 0;
    const symbol = currency ?? kind;
    return (amount: bigint) => ({ amount: amount.toString(), asset: kind, symbol, decimals });
}

export function asReward(view: RewardView) {
    const amount = amountIn(view.asset, view.currency, merchants.assetOf(view.token));
    return {
        id: view.id,
        merchantId: view.merchantId,
        campaignId: view.campaignId,
        campaignVersion: view.campaignVersion,
        purchaseId: view.purchaseId,
        role: view.recipient,
        depth: view.chainDepth,
        asset: view.asset,
        amount: amount(view.amount),
        originalAmount: amount(view.originalAmount),
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
const _unitsOf = (asset: string) => ({ address: asset as Address, symbol: asset, decimals: 0 });

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
                referrer: orNull(t.Object({ groupId: t.String() })),
                share: t.String({ description: "A fraction of 1" }),
            })
        ),
    }),
    limits: t.Array(
        t.Object({
            name: t.String(),
            of: t.Optional(t.String({ description: "Whose: a person's group" })),
            limit: t.String(),
            before: t.String(),
            taken: t.String(),
            after: t.String(),
        })
    ),
    budgets: t.Array(
        t.Object({
            name: t.String(),
            before: t.String(),
            taken: t.String(),
            after: t.String(),
            limit: t.Optional(t.String({ description: "Where a newer version had changed it" })),
        })
    ),
    prices: t.Array(
        t.Object({ currency: t.String(), price: t.String(), source: t.String(), at: Instant })
    ),
    rewards: t.Array(
        t.Object({
            role: t.String(),
            depth: t.Integer(),
            groupId: t.Optional(t.String()),
            asset: t.Optional(t.String({ examples: ["token", "points", "discount:EUR"] })),
            amount: t.String(),
        })
    ),
    draws: t.Array(
        t.Object({ seed: t.String(), draw: t.String() }, { description: "Beta(2, 5), as drawn" })
    ),
    rounding: t.Array(
        t.Object({
            role: t.String(),
            depth: t.Integer(),
            exact: t.String({ description: "Before it was rounded down, as a fraction" }),
            paid: t.String(),
        })
    ),
    queueing: t.Array(t.Literal(true), {
        description: "Others waited for the budget's next window already",
    }),
    stacking: t.Array(t.Object({ rule: t.String(), outrankedBy: t.String() })),
};

export const Why = t.Object({
    interactionId: t.String(),
    trigger: t.String(),
    occurredAt: Instant,
    status: t.String({ examples: ["open", "evaluated", "void", "dead"] }),
    reason: orNull(t.String({ description: "Why it is not decided yet, or never will be" })),
    evaluations: t.Array(
        t.Object({
            campaignId: t.String(),
            campaignVersion: t.Integer(),
            outcome: t.String({
                description: "`rewarded`, or why nothing is owed",
                examples: [
                    "rewarded",
                    "notMatched",
                    "capped",
                    "budgetExhausted",
                    "queued",
                    "holdout",
                ],
            }),
            grantedAt: t.Optional(
                orNull(t.String({ description: "Of what was queued: when its turn came" }))
            ),
            ...Trace,
        })
    ),
});

const silent = {
    conditions: [],
    limits: [],
    budgets: [],
    prices: [],
    rewards: [],
    draws: [],
    rounding: [],
    queueing: [],
    stacking: [],
};
const nobody = { model: "none", windowDays: 0, shares: [] };

export function asWhy({ interaction, traces, grantedAt }: WhyView) {
    return {
        interactionId: interaction.id,
        trigger: interaction.trigger,
        occurredAt: asInstant(interaction.occurredAt),
        status: interaction.status,
        reason: ["open", "dead"].includes(interaction.status) ? interaction.lastError : null,
        evaluations: traces.map(({ trace, rule: _, ...decision }) => ({
            attribution: nobody,
            ...silent,
            ...decision,
            ...trace,
            ...(decision.outcome === "queued" && {
                grantedAt: asInstantOrNull(grantedAt.get(decision.campaignId) ?? null),
            }),
        })),
    };
}
