import { InvalidError } from "@/utils/errors";
import type { MerchantId } from "@/utils/ids";
import type { Clock } from "@/utils/time";
import type { AttributionSetting } from "../db/schema";
import type { AttributionSettingRepository } from "../repositories/AttributionSettingRepository";

const longestWindowDays = 365;

/** What each merchant chose for campaigns that do not say how to attribute. */
export class AttributionSettingService {
    constructor(
        private readonly settings: AttributionSettingRepository,
        private readonly clock: Clock
    ) {}

    /** By merchant: their own choice, or the defaults (`lastReferral`, 30 days, codes before links). */
    async of(
        merchantIds: readonly MerchantId[]
    ): Promise<ReadonlyMap<MerchantId, AttributionSetting>> {
        const chosen = await this.settings.findOf(merchantIds);
        return new Map([
            ...merchantIds.map((merchantId) => [merchantId, defaultOf(merchantId)] as const),
            ...chosen.map((setting) => [setting.merchantId, setting] as const),
        ]);
    }

    /** Holds for what happens from now on. Throws `WINDOW_INVALID` for anything but 1 to 365 days. */
    async put(setting: AttributionSetting): Promise<void> {
        const { windowDays } = setting;
        if (!Number.isInteger(windowDays) || windowDays < 1 || windowDays > longestWindowDays) {
            throw new InvalidError("WINDOW_INVALID", `1 to ${longestWindowDays} whole days`);
        }
        await this.settings.put(setting, this.clock.now());
    }
}

const defaultOf = (merchantId: MerchantId): AttributionSetting => ({
    merchantId,
    model: "lastReferral",
    windowDays: 30,
    codeBeatsLink: true,
});
