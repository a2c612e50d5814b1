import type { Address } from "viem";
import type { AttributionSettingService } from "@/domain/attribution";
import type { MerchantService } from "@/domain/merchant";
import type { RewardService } from "@/domain/rewards";
import type { Database } from "@/infrastructure/persistence/Database";
import type { MerchantId } from "@/utils/ids";

type Attribution = Parameters<AttributionSettingService["put"]>[0];
export type MerchantSettings = {
    name?: string | undefined;
    timeZone?: string | undefined;
    attribution?: Partial<Omit<Attribution, "merchantId">> | undefined;
    /** Less than this, in base units, is not paid to a wallet unless it asks. */
    minimumPayout?: { token: Address; amount: bigint } | undefined;
};

/** What a merchant sets for all campaigns. Nothing that was decided changes by it. */
export class MerchantSettingsOrchestrator {
    constructor(
        private readonly db: Database,
        private readonly merchants: MerchantService,
        private readonly attribution: AttributionSettingService,
        private readonly rewards: RewardService
    ) {}

    /** All of it or nothing. Throws `TIME_ZONE_INVALID` or `WINDOW_INVALID`. */
    async change(merchantId: MerchantId, settings: MerchantSettings): Promise<void> {
        const { name, timeZone, attribution, minimumPayout } = settings;
        await this.db.transaction(async () => {
            await this.merchants.change(merchantId, { name, timeZone });
            if (attribution) {
                const current = (await this.attribution.of([merchantId])).get(merchantId);
                if (current) await this.attribution.put({ ...current, ...attribution });
            }
            if (minimumPayout) {
                const { token, amount } = minimumPayout;
                await this.rewards.setMinimumPayout({ merchantId, token }, amount);
            }
        });
    }
}
