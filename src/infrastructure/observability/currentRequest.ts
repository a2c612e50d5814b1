import { AsyncLocalStorage } from "node:async_hooks";

export type RequestContext = {
    requestId: string;
    /** Which of our routes it matched, as it is written in the code: `/merchants/:merchantId`. */
    route?: string;
    /** The proven domain of a merchant asked (CORS). */
    isFromMerchant?: boolean;
    /** What waits for the answer of this request, to give it again to the same request. */
    idempotency?: { caller: string; key: string };
};

/** What caused the work at hand: on every log line, and kept with what it leaves behind. */
export const currentRequest = new AsyncLocalStorage<RequestContext>();

export const currentRequestId = (): string => currentRequest.getStore()?.requestId ?? "none";
