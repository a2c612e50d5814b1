import { Webhook } from "standardwebhooks";
import { type Adapter, hashOf, isHmac, kept, plain, type Signed } from "./Adapter";
import { readCustom } from "./custom";

const keptHeaders = ["webhook-id", "webhook-timestamp"];

/** For Magento's module and shops of nobody's platform: Standard Webhooks, or a plain HMAC over the body. */
export const customAdapter: Adapter = {
    isSigned: (signed, secret) =>
        hasStandardHeaders(signed)
            ? keysOf(secret).some((key) => isStandard(signed, key))
            : hmacsOf(signed).some((given) => isHmac(given, signed.body, secret)),
    /** Only a Standard Webhooks id is signed; without one, the same body is the same delivery. */
    envelopeOf(signed) {
        const { headers, body } = signed;
        const id = hasStandardHeaders(signed) ? plain(headers["webhook-id"]) : "";
        const dedupeKey = id || hashOf(body);
        return { dedupeKey, topic: "order", headers: kept(headers, keptHeaders) };
    },
    read: readCustom,
};

const hasStandardHeaders = ({ headers }: Signed): boolean =>
    headers["webhook-signature"] !== undefined;

/** In hex or in base64: both are about. */
function hmacsOf({ headers }: Signed): Buffer[] {
    const given = headers["x-hmac-sha256"] ?? "";
    return [
        Buffer.from(given, "base64"),
        ...(/^[\da-f]{64}$/i.test(given) ? [Buffer.from(given, "hex")] : []),
    ];
}

/** The standard has secrets in base64; a merchant's own may be any text. */
function keysOf(secret: string): Webhook[] {
    const text = new Webhook(secret, { format: "raw" });
    try {
        return [new Webhook(secret), text];
    } catch {
        return [text];
    }
}

/** The library checks the five minutes around the timestamp, which is signed with the id and the body. */
function isStandard({ headers, body }: Signed, key: Webhook): boolean {
    try {
        const asText = Object.fromEntries(
            Object.entries(headers).map(([name, value]) => [name, value ?? ""])
        );
        key.verify(Buffer.from(body), asText, { jsonParse: false });
        return true;
    } catch {
        return false;
    }
}
