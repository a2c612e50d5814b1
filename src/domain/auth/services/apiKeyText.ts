import { randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";
import type { KeyMode } from "../repositories/ApiKeyRepository";

const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** What 32 bytes and a CRC-32 take in base 62. */
const [secretLength, checksumLength] = [43, 6];
const form = new RegExp(`^ck_(live|test)_[\\dA-Za-z]{${secretLength + checksumLength}}$`);

/** A new key: 32 random bytes and a checksum, by which a mistyped or invented one is told without the database. */
export function newApiKeyText(mode: KeyMode): string {
    const secret = base62(BigInt(`0x${randomBytes(32).toString("hex")}`), secretLength);
    const body = `ck_${mode}_${secret}`;
    return body + checksumOf(body);
}

/** Whether it has the form of a key of ours; whether there is such a key is another question. */
export function isApiKeyText(text: string): boolean {
    const body = text.slice(0, -checksumLength);
    return form.test(text) && text.slice(-checksumLength) === checksumOf(body);
}

const checksumOf = (body: string) => base62(BigInt(crc32(body)), checksumLength);

function base62(number: bigint, length: number): string {
    const text: string[] = [];
    for (let left = number; left > 0n; left /= 62n) text.unshift(digits[Number(left % 62n)] ?? "");
    return text.join("").padStart(length, "0");
}
