import type { AttributionService } from "@/domain/attribution";
import type { Interaction, Question } from "@/domain/campaign";
import type { MerchantService } from "@/domain/merchant";
import type { Purchase, PurchaseService } from "@/domain/purchases";
import type { PriceSource } from "@/infrastructure/pricing/PriceSource";
import type { PurchaseId } from "@/utils/ids";
import type { Asset } from "@/utils/money";

/** What the campaigns need to know about what happened: read for many interactions at once. */
export class FactsService {
    constructor(
        private readonly purchases: PurchaseService,
        private readonly attribution: AttributionService,
        private readonly merchants: MerchantService,
        private readonly prices: PriceSource
    ) {}

    /** A bounded number of statements, however many interactions there are. */
    async gather(interactions: readonly Interaction[]): Promise<Question[]> {
        const purchases = await this.purchasesOf(interactions);
        const touches = await this.attribution.lastReferred(
            interactions.map(({ merchantId, groupId, occurredAt }) => ({
                merchantId,
                groupId,
                until: occurredAt,
            }))
        );
        const assets = await this.assetsOf(interactions);
        const questions: Question[] = [];
        for (const [position, interaction] of interactions.entries()) {
            const purchase = known(purchases.get(interaction.subject));
            const asset = known(assets.get(interaction.merchantId));
            const touch = touches.get(position);
            const { currency } = purchase;
            questions.push({
                interaction,
                facts: {
                    actor: interaction.groupId,
                    occurredAt: interaction.occurredAt,
                    asset,
                    purchase: netOf(purchase),
                    touch: touch && { ...touch, touchpointId: touch.id },
                    prices: await this.prices.pricesOf(asset.address, [known(currency)]),
                },
            });
        }
        return questions;
    }

    private async purchasesOf(
        interactions: readonly Interaction[]
    ): Promise<Map<string, Purchase>> {
        const ids = interactions.map(({ subject }) => subject as PurchaseId);
        return new Map((await this.purchases.findMany(ids)).map((one) => [one.id, one]));
    }

    private async assetsOf(interactions: readonly Interaction[]): Promise<Map<string, Asset>> {
        const assets = new Map<string, Asset>();
        for (const merchantId of new Set(interactions.map((one) => one.merchantId))) {
            const { rewardAsset } = await this.merchants.get(merchantId);
            assets.set(merchantId, this.merchants.assetOf(rewardAsset));
        }
        return assets;
    }
}

/** What the buyer kept and paid for; what was given back earns nothing. */
function netOf({ total, subtotal, refunded, isTest, currency }: Purchase) {
    const left = (amount: bigint) => (amount > refunded ? amount - refunded : 0n);
    return { total: left(total), subtotal: left(subtotal), currency: known(currency), isTest };
}

/** An interaction is opened for a purchase that is whole: anything missing is a defect. */
function known<T>(value: T | null | undefined): T {
    if (value === null || value === undefined) throw new Error("A purchase's facts are incomplete");
    return value;
}
