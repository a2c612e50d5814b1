import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterEach, describe, expect, test, vi } from "vitest";
import { customAdapter } from "@/domain/purchases/services/adapters/customAdapter";

type Case = {
    name: string;
    expect: "accept" | "reject";
    why: string;
    secrets: string[];
    now: number;
    headers: Record<string, string>;
    body: string;
};
const file = new URL("../../../../fixtures/vectors/standardwebhooks/vectors.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(file, "utf8")) as { cases: Case[] };

afterEach(() => {
    vi.useRealTimers();
});

describe("Standard Webhooks", () => {
    test.each(cases)(
        "$name: $why → $expect",
        ({ expect: expected, secrets, now, headers, body }) => {
            vi.useFakeTimers({ now: now * 1_000, toFake: ["Date"] });
            const signed = { headers, body: Buffer.from(body) };
            const isSigned = secrets.some((secret) => customAdapter.isSigned(signed, secret));
            expect(isSigned).toBe(expected === "accept");
        }
    );

    test("the id that was signed is what a delivery is known by", () => {
        const signed = { body: Buffer.from("{}"), headers: { "webhook-id": "msg_1" } };
        const headers = { ...signed.headers, "webhook-signature": "v1,x" };
        expect(customAdapter.envelopeOf({ ...signed, headers }).dedupeKey).toBe("msg_1");
        expect(customAdapter.envelopeOf(signed).dedupeKey).toMatch(/^[\da-f]{64}$/);
    });
});

describe("a plain HMAC over the body", () => {
    const secret = "a secret of Ada's tea shop";
    const body = Buffer.from('{"id":"1"}');
    const macIn = (encoding: "hex" | "base64") =>
        createHmac("sha256", secret).update(body).digest(encoding);
    const [hex, base64] = [macIn("hex"), macIn("base64")];
    const isSigned = (given: string | undefined, text: Buffer = body) =>
        customAdapter.isSigned({ headers: { "x-hmac-sha256": given }, body: text }, secret);

    test("is taken in hex and in base64", () => {
        expect([isSigned(hex), isSigned(hex.toUpperCase()), isSigned(base64)]).toEqual([
            true,
            true,
            true,
        ]);
    });

    test.each<[string, string | undefined]>([
        ["missing", undefined],
        ["empty", ""],
        ["short", base64.slice(0, 20)],
        ["of another body", createHmac("sha256", secret).update("{}").digest("base64")],
    ])("that is %s is refused", (_, given) => {
        expect(isSigned(given)).toBe(false);
    });

    test("over bytes that were changed is refused", () => {
        expect(isSigned(base64, Buffer.from('{"id": "1"}'))).toBe(false);
    });
});
