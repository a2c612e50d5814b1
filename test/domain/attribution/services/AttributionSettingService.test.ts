import { expect, test } from "vitest";
import { AttributionContext } from "@/domain/attribution";
import type { MerchantId } from "@/utils/ids";
import { bareShops } from "../../../fixtures/people";

const { attributionSettings } = AttributionContext.services;

test("a merchant's choice, or the defaults", async () => {
    const [ada, eve] = (await bareShops(2)) as [MerchantId, MerchantId];
    const chosen = {
        merchantId: ada,
        model: "linear",
        windowDays: 365,
        codeBeatsLink: false,
    } as const;
    await attributionSettings.put({ ...chosen, windowDays: 7 });
    await attributionSettings.put(chosen);

    const settings = await attributionSettings.of([ada, eve]);
    expect(settings.get(ada)).toEqual(chosen);
    expect(settings.get(eve)).toEqual({
        merchantId: eve,
        model: "lastReferral",
        windowDays: 30,
        codeBeatsLink: true,
    });
});

test.each([0, 366, 1.5])("a window of %d days is refused", async (windowDays) => {
    const [merchantId] = (await bareShops(1)) as [MerchantId];
    const setting = { merchantId, model: "first", windowDays, codeBeatsLink: true } as const;
    await expect(attributionSettings.put(setting)).rejects.toMatchObject({
        code: "WINDOW_INVALID",
    });
});
