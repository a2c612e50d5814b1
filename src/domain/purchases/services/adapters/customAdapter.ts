import { Webhook } from "standardwebhooks";
import { type Adapter, hashOf, isHmac, kept, plain, type Signed } from "./Adapter";
import { readCustom } from "./custom";

const keptHeaders = ["webhook-id", "webhook-timestamp"];

/** For Magento's module and shops of nobody's platform: Standard Webhooks, or a plain HMAC over the body. */
export const customAdapter: Adapter = {
    isSigned: (signed, secret) =>
        hasStandardHeaders(signed)
            ? isStandard(signed, keyOf(secret))
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

const prefix = "whsec_";

/** The standard has secrets in base64, as a rule under a prefix; a merchant's own may be any text. */
function keyOf(secret: string): Webhook | undefined {
    try {
        return new Webhook(secret);
    } catch {
        return secret.startsWith(prefix) ? undefined : new Webhook(secret, { format: "raw" });
    }
}

/** The library checks the five minutes around the timestamp, which is signed with the id and the body. */
function isStandard({ headers, body }: Signed, key: Webhook | undefined): boolean {
    // It reads as much of a timestamp as is a number, which is not all that was signed.
    if (!key || !/^\d{1,12}$/.test(headers["webhook-timestamp"] ?? "")) return false;
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
