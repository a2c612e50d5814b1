import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Lookups } from "@/infrastructure/crypto/Lookups";

const key = Buffer.alloc(32, 7);
const lookups = new Lookups(key);
const bens = "0a5d4c87-66b4-4b22-9b57-d967d6958ed9";

describe("a lookup", () => {
    test("is the same for the same text, in every process", () => {
        expect(new Lookups(Uint8Array.from(key)).of("client", bens)).toBe(
            lookups.of("client", bens)
        );
    });

    test("is HMAC-SHA256 under our key: without it nobody can tell whose it is", () => {
        const expected = createHmac("sha256", key).update(`client:${bens}`).digest("base64url");
        expect(lookups.of("client", bens)).toBe(expected);
        expect(new Lookups(Buffer.alloc(32, 8)).of("client", bens)).not.toBe(expected);
    });

    test("of another kind is another one", () => {
        expect(lookups.of("order-token", bens)).not.toBe(lookups.of("client", bens));
    });

    test("of two different texts is never the same", () => {
        fc.assert(
            fc.property(fc.string(), fc.string(), (one, other) => {
                fc.pre(one !== other);
                expect(lookups.of("client", one)).not.toBe(lookups.of("client", other));
            })
        );
    });
});

test("a commitment is the same in the 32 bytes of the chain", () => {
    const commitment = lookups.commitment("reward", bens);
    expect(commitment).toMatch(/^0x[\da-f]{64}$/);
    const bytes = Buffer.from(commitment.slice(2), "hex");
    expect(bytes.toString("base64url")).toBe(lookups.of("reward", bens));
});
