import { type Static, t } from "elysia";
import type { CustomEvent } from "@/orchestration";
import type { MerchantId, PurchaseId } from "@/utils/ids";
import { assertShape, invalidRequest } from "@/utils/schema";
import type { Visitor } from "../macros/visitor";
import { IdOf } from "../schemas";

const maxDataBytes = 4 * 1_024;

const UtmText = t.Optional(t.String({ maxLength: 255 }));

/*
 * Made anew for each use: Elysia writes into the schemas of a route that what is unknown was cut off before,
 * and elsewhere nobody cuts.
 */
export const arrivalShape = () =>
    t.Object({
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
export const shareShape = () =>
    t.Object({
        merchantId: IdOf<MerchantId>(),
        shareId: t.Optional(t.String({ minLength: 1, maxLength: 100 })),
        purchaseId: t.Optional(IdOf<PurchaseId>()),
    });
export const customShape = () =>
    t.Object({
        merchantId: IdOf<MerchantId>(),
        customType: t.String({ minLength: 1, maxLength: 100, examples: ["newsletter"] }),
        /** Checked below: Elysia would make an object of whatever comes. */
        data: t.Optional(t.Unknown({ description: "An object, at most 4 KiB as JSON in UTF-8" })),
        idempotencyKey: t.String({ minLength: 1, maxLength: 255 }),
    });

export const Opened = t.Object({
    interactionId: t.String(),
    duplicate: t.Boolean({ description: "It was told of before, and counts once" }),
});

/** Throws `INVALID_REQUEST` for data that is no object, or larger than an event may carry. */
export function asCustomEvent(
    body: Static<ReturnType<typeof customShape>>,
    visitor: Visitor
): CustomEvent {
    const { merchantId, customType, data, idempotencyKey } = body;
    assertShape(Data, data ?? {}, "data");
    if (Buffer.byteLength(JSON.stringify(data ?? {})) > maxDataBytes) {
        throw invalidRequest([{ path: "data", message: `More than ${maxDataBytes} bytes` }]);
    }
    const fields = data as Record<string, unknown> | undefined;
    return { merchantId, visitor, customType, data: fields, idempotencyKey };
}

const Data = t.Object({}, { additionalProperties: true });
