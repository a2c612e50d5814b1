import { inArray } from "drizzle-orm";
import type { Database } from "@/infrastructure/persistence/Database";
import type { MerchantId } from "@/utils/ids";
import { type AttributionSetting, attributionSettings } from "../db/schema";

export class AttributionSettingRepository {
    constructor(private readonly db: Database) {}

    async findOf(merchantIds: readonly MerchantId[]): Promise<AttributionSetting[]> {
        const { merchantId, model, windowDays, codeBeatsLink } = attributionSettings;
        return this.db.current
            .select({ merchantId, model, windowDays, codeBeatsLink })
            .from(attributionSettings)
            .where(inArray(merchantId, [...merchantIds]));
    }

    async put(setting: AttributionSetting, updatedAt: Date): Promise<void> {
        await this.db.current
            .insert(attributionSettings)
            .values({ ...setting, updatedAt })
            .onConflictDoUpdate({
                target: attributionSettings.merchantId,
                set: { ...setting, updatedAt },
            });
    }
}
