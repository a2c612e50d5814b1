import { t } from "elysia";
import { CampaignContext, type CampaignVersion, type CampaignView } from "@/domain/campaign";
import { MerchantContext } from "@/domain/merchant";
import type { MerchantId } from "@/utils/ids";
import { asInstant, asInstantOrNull, Instant, orNull, TokenAmountShape } from "../schemas";
import { amountIn } from "../views";

const { campaigns } = CampaignContext.services;
const { merchants } = MerchantContext.services;

export const Campaign = t.Object({
    id: t.String(),
    merchantId: t.String(),
    name: t.String(),
    status: t.String({ examples: ["draft", "active", "paused", "archived", "ended"] }),
    priority: t.Integer(),
    stacking: t.String({ examples: ["all"] }),
    version: t.Integer(),
    startsAt: orNull(Instant),
    endsAt: orNull(Instant),
    definition: t.Unknown(),
    budgets: t.Array(
        t.Object({
            name: t.String(),
            window: t.String(),
            limit: TokenAmountShape,
            used: TokenAmountShape,
            resetsAt: orNull(Instant),
        })
    ),
});
export const Version = t.Object({
    id: t.String(),
    number: t.Integer(),
    definition: t.Unknown(),
    createdBy: t.String(),
    createdAt: Instant,
});
export const example = {
    trigger: "purchase",
    conditions: { all: [{ field: "purchase.total", op: "gte", value: "50.00" }] },
    rewards: [
        {
            recipient: "referrer",
            asset: "token",
            amount: { percent: { of: "subtotal", percent: "5", max: "20.00" } },
        },
        { recipient: "referee", asset: "token", amount: { fixed: { amount: "2.00" } } },
    ],
    budget: [{ name: "total", window: "total", amount: "1000.00", onExhausted: "skip" }],
};

export async function surroundingsOf(merchantId: MerchantId) {
    const { rewardAsset, timeZone } = await merchants.get(merchantId);
    return { asset: merchants.assetOf(rewardAsset), timeZone };
}

export async function asCampaign(view: CampaignView) {
    const { campaign, version } = view;
    const surroundings = await surroundingsOf(campaign.merchantId);
    const isEnded = campaign.endsAt !== null && campaign.endsAt <= new Date();
    return {
        id: campaign.id,
        merchantId: campaign.merchantId,
        name: campaign.name,
        status: isEnded && campaign.status === "active" ? "ended" : campaign.status,
        priority: campaign.priority,
        stacking: campaign.stacking,
        version: version.number,
        startsAt: asInstantOrNull(campaign.startsAt),
        endsAt: asInstantOrNull(campaign.endsAt),
        definition: version.definition,
        budgets: campaigns.budgetsOf(view, surroundings).map((budget) => {
            const amount = amountIn(budget.asset, budget.currency, surroundings.asset);
            return {
                name: budget.name,
                window: budget.window,
                limit: amount(budget.limit),
                used: amount(budget.used),
                resetsAt: asInstantOrNull(budget.resetsAt),
            };
        }),
    };
}

export const asVersion = ({ id, number, definition, createdBy, createdAt }: CampaignVersion) => ({
    id,
    number,
    definition,
    createdBy,
    createdAt: asInstant(createdAt),
});
