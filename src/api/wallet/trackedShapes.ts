import { type Static, t } from "elysia";
import type { CustomEvent } from "@/orchestration";
import type { MerchantId, PurchaseId } from "@/utils/ids";
import { invalidRequest } from "@/utils/schema";
import type { Visitor } from "../macros/visitor";
import { IdOf } from "../schemas";

const maxDataBytes = 4 * 1_024;

const UtmText = t.Optional(t.String({ maxLength: 255 }));

export const ArrivalBody = t.Object({
    merchantId: IdOf<MerchantId>(),
    landingUrl: t.Optional(t.String({ maxLength: 4_096 })),
    referralCode: t.Optional(t.String({ pattern: "^\\w{1,64}$" })),
    utm: t.Optional(
        t.Object({
            source: UtmText,
            medium: UtmText,
            campaign: UtmText,
            term: UtmText,
            content: UtmText,
        })
    ),
});
export const ShareBody = t.Object({
    merchantId: IdOf<MerchantId>(),
    shareId: t.Optional(t.String({ minLength: 1, maxLength: 100 })),
    purchaseId: t.Optional(IdOf<PurchaseId>()),
});
export const CustomBody = t.Object({
    merchantId: IdOf<MerchantId>(),
    customType: t.String({ minLength: 1, maxLength: 100, examples: ["newsletter"] }),
    data: t.Optional(
        t.Record(t.String(), t.Unknown(), { description: "At most 4 KiB as JSON in UTF-8" })
    ),
    idempotencyKey: t.String({ minLength: 1, maxLength: 255 }),
});

export const Opened = t.Object({
    interactionId: t.String(),
    duplicate: t.Boolean({ description: "It was told of before, and counts once" }),
});

/** Throws `INVALID_REQUEST` for data that is larger than an event may carry. */
export function asCustomEvent(body: Static<typeof CustomBody>, visitor: Visitor): CustomEvent {
    const { merchantId, customType, data, idempotencyKey } = body;
    if (Buffer.byteLength(JSON.stringify(data ?? {})) > maxDataBytes) {
        throw invalidRequest([{ path: "data", message: `More than ${maxDataBytes} bytes` }]);
    }
    return { merchantId, visitor, customType, data, idempotencyKey };
}
