import { Refusal } from "./ask";

/** What the browser means by the names it gives to what went wrong with a passkey. */
const passkeyProblems: Record<string, string> = {
    NotAllowedError:
        "The passkey dialog was closed or timed out. Nothing was changed: try again whenever you like.",
    SecurityError:
        "Passkeys of this server do not work at this address: open the demo under the address it printed.",
    NotSupportedError: "This device cannot make the kind of passkey that a wallet needs (ES256).",
    InvalidStateError: "This device has that passkey already.",
    AbortError: "The passkey dialog was interrupted. Try again whenever you like.",
};

/** What went wrong, for a person. */
export function problemText(error: unknown): string {
    if (error instanceof Refusal) return `${error.message} (${error.code})`;
    if (error instanceof DOMException) return passkeyProblems[error.name] ?? error.message;
    return error instanceof Error ? error.message : String(error);
}
