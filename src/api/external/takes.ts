import { t } from "elysia";
import { type Platform, PurchasesContext } from "@/domain/purchases";
import { currentRequestId } from "@/infrastructure/observability/currentRequest";
import type { MerchantId } from "@/utils/ids";
import { IdOf, orNull, refusals } from "../schemas";

type Told = { params: { merchantId: MerchantId }; bytes: Uint8Array; request: Request };

/** Keeps a delivery of a platform and answers once that is durable: the one way in for every shop. */
export const takes =
    (platform: Platform, topic?: string) =>
    ({ params, bytes, request }: Told) =>
        PurchasesContext.services.inbox.receive({
            merchantId: params.merchantId,
            platform,
            headers: Object.fromEntries(request.headers),
            body: bytes,
            requestId: currentRequestId(),
            ...(topic === undefined ? {} : { topic }),
        });

export const merchantParams = t.Object({ merchantId: IdOf<MerchantId>() });

export const acknowledged = {
    200: t.Object(
        {
            status: t.String({ examples: ["accepted", "duplicate", "ignored"] }),
            deliveryId: orNull(t.String()),
        },
        { description: "Durable, and not yet processed. Nothing was kept of what is ignored" }
    ),
    ...refusals({
        401: ["SIGNATURE_INVALID"],
        404: ["WEBHOOK_NOT_CONFIGURED"],
        413: ["PAYLOAD_TOO_LARGE"],
    }),
};
