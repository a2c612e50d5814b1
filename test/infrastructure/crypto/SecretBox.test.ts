import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SecretBox } from "@/infrastructure/crypto/SecretBox";

const [spring, summer] = [
    "the passphrase of spring".padEnd(32, "."),
    "the passphrase of summer".padEnd(32, "."),
];
const box = new SecretBox([spring]);
const refusal = /No key opens the secret of shopify:ada/;

describe("a sealed secret", () => {
    test("opens again, whatever it was, in its own context", () => {
        fc.assert(
            fc.property(fc.string({ unit: "grapheme" }), fc.string(), (secret, context) => {
                expect(box.open(box.seal(secret, context), context)).toBe(secret);
            })
        );
    });

    test("says nothing of what is in it, and looks different each time", () => {
        const [one, other] = [
            box.seal("shpss_teapot", "shopify:ada"),
            box.seal("shpss_teapot", "shopify:ada"),
        ];
        expect(one).not.toBe(other);
        expect(Buffer.from(one, "base64url").toString("latin1")).not.toContain("teapot");
    });

    test("does not open in another context: it was moved from another row", () => {
        const sealed = box.seal("shpss_teapot", "shopify:zoe");
        expect(() => box.open(sealed, "shopify:ada")).toThrow(refusal);
    });

    test("does not open with any bit of it changed", () => {
        const sealed = Buffer.from(box.seal("tea", "shopify:ada"), "base64url");
        for (let bit = 0; bit < sealed.length * 8; bit++) {
            const tampered = Uint8Array.from(sealed);
            tampered[bit >> 3] = (tampered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
            const text = Buffer.from(tampered).toString("base64url");
            expect(() => box.open(text, "shopify:ada")).toThrow(refusal);
        }
    });

    test("does not open when it is cut short, not even to the shortest tag that GCM knows", () => {
        const sealed = Buffer.from(box.seal("", "shopify:ada"), "base64url");
        for (let length = 0; length < sealed.length; length++) {
            const text = sealed.subarray(0, length).toString("base64url");
            expect(() => box.open(text, "shopify:ada")).toThrow(refusal);
        }
    });
});

describe("a rotation", () => {
    const rotated = new SecretBox([summer, spring]);

    test("opens what was sealed before it", () => {
        expect(rotated.open(box.seal("tea", "shopify:ada"), "shopify:ada")).toBe("tea");
    });

    test("seals with the new key alone", () => {
        const sealed = rotated.seal("tea", "shopify:ada");
        expect(new SecretBox([summer]).open(sealed, "shopify:ada")).toBe("tea");
        expect(() => box.open(sealed, "shopify:ada")).toThrow(refusal);
    });

    test("that drops the old key says which setting was cut short", () => {
        const sealed = box.seal("tea", "shopify:ada");
        expect(() => new SecretBox([summer]).open(sealed, "shopify:ada")).toThrow(
            /ENCRYPTION_KEYS/
        );
    });
});

test("without a key nothing is sealed", () => {
    expect(() => new SecretBox([]).seal("tea", "shopify:ada")).toThrow("SecretBox has no key");
});
