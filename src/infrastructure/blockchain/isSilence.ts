import { BaseError, HttpRequestError, TimeoutError } from "viem";

/** The node did not answer: whatever was asked of it, nothing is known. */
export function isSilence(error: unknown): boolean {
    if (!(error instanceof BaseError)) return false;
    const silence = error.walk(
        (cause) => cause instanceof HttpRequestError || cause instanceof TimeoutError
    );
    return silence !== null;
}
