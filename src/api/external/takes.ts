import { t } from "elysia";
import { type Platform, PurchasesContext } from "@/domain/purchases";
import { currentRequestId } from "@/infrastructure/observability/currentRequest";
import type { MerchantId } from "@/utils/ids";
import { IdOf, orNull, refusals } from "../schemas";

type Told = {
    params: { merchantId: MerchantId };
    bytes: Uint8Array;
    request: Request;
    /** A key of the merchant's opened the route: no signature is asked for. */
    isEntrusted?: boolean;
};

/** Keeps a delivery of a platform and answers once that is durable: the one way in for every shop. */
export const takes =
    (platform: Platform, topic?: string) =>
    async ({ params, bytes, request, isEntrusted = false }: Told) => {
        const { inbox } = PurchasesContext.services;
        const raw = {
            merchantId: params.merchantId,
            platform,
            headers: Object.fromEntries(request.headers),
            body: bytes,
            requestId: currentRequestId(),
            ...(topic === undefined ? {} : { topic }),
        };
        return isEntrusted ? inbox.entrusted(raw) : inbox.receive(raw);
    };

export const merchantParams = t.Object({ merchantId: IdOf<MerchantId>() });

const Acknowledged = t.Object(
    {
        status: t.String({ examples: ["accepted", "duplicate", "ignored"] }),
        deliveryId: orNull(t.String()),
    },
    { description: "Durable, and not yet processed. Nothing was kept of what is ignored" }
);
export const acknowledged = {
    200: Acknowledged,
    ...refusals({
        401: ["SIGNATURE_INVALID"],
        404: ["WEBHOOK_NOT_CONFIGURED"],
        413: ["PAYLOAD_TOO_LARGE"],
    }),
};

/** For what a key of the merchant's opens too. */
export const acknowledgedToKeys = {
    200: Acknowledged,
    ...refusals({
        401: ["SIGNATURE_INVALID", "API_KEY_INVALID"],
        403: ["SCOPE_MISSING", "MODE_MISMATCH"],
        404: ["WEBHOOK_NOT_CONFIGURED", "MERCHANT_NOT_FOUND"],
        413: ["PAYLOAD_TOO_LARGE"],
    }),
};
