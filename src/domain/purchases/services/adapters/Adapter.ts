import { createHash, createHmac } from "node:crypto";
import { equalBytes } from "@/infrastructure/crypto/equalBytes";
import type { LosslessJson } from "@/utils/json";
import type { Delivery } from "../../db/schema";
import type { Reading } from "../OrderReport";

export type Headers = Readonly<Record<string, string | undefined>>;
export type Signed = { headers: Headers; body: Uint8Array };
/** What a platform says around the body. But for Standard Webhooks it is not signed: nothing that matters is decided from it. */
export type Envelope = Pick<Delivery, "dedupeKey" | "topic" | "headers">;

/** How one shop platform signs its deliveries, names them and words them. */
export type Adapter = {
    /** Whether these bytes were signed with this secret. */
    isSigned(signed: Signed, secret: string): boolean;
    /** Asked only of what is signed. */
    envelopeOf(signed: Signed): Envelope;
    /** Throws when it is not what its topic says. */
    read(topic: string, body: LosslessJson, receivedAt: Date): Reading;
};

const maxHeaderLength = 255;

/** Header text that Postgres can store: no NUL, no megabytes. */
export const plain = (value: string | undefined): string =>
    (value ?? "").replaceAll("\0", "").slice(0, maxHeaderLength);

export const kept = (headers: Headers, names: readonly string[]): Record<string, string> =>
    Object.fromEntries(
        names.flatMap((name) => {
            const value = plain(headers[name]);
            return value ? [[name, value]] : [];
        })
    );

export const hashOf = (content: Uint8Array | string): string =>
    createHash("sha256").update(content).digest("hex");

/** HMAC-SHA256 over the bytes as they came, compared in constant time. A missing or short one never fits. */
export const isHmac = (given: Uint8Array, body: Uint8Array, secret: string): boolean =>
    equalBytes(given, createHmac("sha256", secret).update(body).digest());
