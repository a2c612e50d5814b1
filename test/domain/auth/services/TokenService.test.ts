import { generateKeyPairSync } from "node:crypto";
import { importJWK, type JWTPayload, SignJWT, UnsecuredJWT } from "jose";
import { getAddress } from "viem";
import { beforeEach, describe, expect, test } from "vitest";
import { type Audience, TokenService } from "@/domain/auth/services/TokenService";
import { newId, type SessionId } from "@/utils/ids";
import { later, minutes } from "@/utils/time";
import { StoppedClock } from "../../../fixtures/StoppedClock";

const issuer = "https://commend.example";
const wallet = getAddress("0xb000000000000000000000000000000000000001");
const sid = newId<SessionId>();
const newJwk = (kid: string) => ({
    ...generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" }),
    kid,
});
const keys = [newJwk("wallet-2"), newJwk("wallet-1"), newJwk("sdk-1")];
const refusal = { code: "TOKEN_INVALID", kind: "unauthenticated" };

let clock: StoppedClock;
let tokens: TokenService;
beforeEach(() => {
    clock = new StoppedClock();
    tokens = new TokenService(keys, issuer, clock);
});

const inFifteenMinutes = () => later(clock.now(), minutes(15));
const sign = (audience: Audience) => tokens.sign(audience, { sid, wallet }, inFifteenMinutes());
const partsOf = (token: string) =>
    token
        .split(".")
        .slice(0, 2)
        .map((part) => JSON.parse(Buffer.from(part, "base64url").toString()));

type Forgery = {
    key?: (typeof keys)[number];
    header?: Record<string, unknown>;
    claims?: JWTPayload;
    without?: string;
};

/** A token as ours are, signed with one of our keys, but for what is said. */
async function forged({
    key = keys[0] as (typeof keys)[number],
    header,
    claims,
    without,
}: Forgery): Promise<string> {
    const seconds = Math.floor(clock.now().getTime() / 1_000);
    const whole = {
        iss: issuer,
        aud: "wallet",
        sub: wallet,
        sid,
        iat: seconds,
        exp: seconds + 900,
        ...claims,
    };
    const payload = Object.fromEntries(Object.entries(whole).filter(([name]) => name !== without));
    const protectedHeader = { alg: "EdDSA", typ: "wallet+jwt", kid: key.kid, ...header };
    return new SignJWT(payload)
        .setProtectedHeader(protectedHeader)
        .sign(await importJWK(key, "EdDSA"));
}

describe("a token", () => {
    test.each<Audience>(["wallet", "sdk"])(
        "for %s says whose session it is, to us",
        async (audience) => {
            expect(await tokens.verify(audience, await sign(audience))).toEqual({ sid, wallet });
        }
    );

    test("says who made it, for whom, until when, and with which key", async () => {
        const [header, claims] = partsOf(await sign("wallet"));
        const seconds = clock.now().getTime() / 1_000;
        expect(header).toEqual({ alg: "EdDSA", typ: "wallet+jwt", kid: "wallet-2" });
        expect(claims).toEqual({
            iss: issuer,
            aud: "wallet",
            sub: wallet,
            sid,
            iat: seconds,
            exp: seconds + 900,
        });
    });

    test("that we would have made ourselves is taken: so the forgeries below fail by their one fault", async () => {
        expect(await tokens.verify("wallet", await forged({}))).toEqual({ sid, wallet });
    });

    test("is good until it ends", async () => {
        const token = await sign("wallet");
        clock.passes(minutes(15) - 1_000);
        expect(await tokens.verify("wallet", token)).toBeDefined();
        clock.passes(1_000);
        await expect(tokens.verify("wallet", token)).rejects.toMatchObject(refusal);
    });

    test("of one audience is worth nothing to another", async () => {
        await expect(tokens.verify("sdk", await sign("wallet"))).rejects.toMatchObject(refusal);
        await expect(tokens.verify("wallet", await sign("sdk"))).rejects.toMatchObject(refusal);
    });

    test.each<[string, Forgery]>([
        ["another audience", { claims: { aud: "sdk" } }],
        ["another issuer", { claims: { iss: "https://evil.example" } }],
        ["another type", { header: { typ: "JWT" } }],
        ["no type", { header: { typ: undefined } }],
        ["a key that nobody knows", { header: { kid: "wallet-9" } }],
        ["no key named", { header: { kid: undefined } }],
        ["a stranger's key under our name", { key: newJwk("wallet-2") }],
        ["the key of another audience", { key: keys[2] as (typeof keys)[number] }],
        [
            "the key of another audience under the right name",
            { key: keys[2] as (typeof keys)[number], header: { kid: "wallet-2" } },
        ],
        ["no end", { without: "exp" }],
        ["no session", { without: "sid" }],
        ["no wallet", { without: "sub" }],
        ["no audience", { without: "aud" }],
        ["no issuer", { without: "iss" }],
        ["a wallet that is no address", { claims: { sub: "ben" } }],
        ["a beginning in the future", { claims: { nbf: Math.floor(Date.UTC(2027, 0) / 1_000) } }],
    ])("with %s is refused", async (_, forgery) => {
        await expect(tokens.verify("wallet", await forged(forgery))).rejects.toMatchObject(refusal);
    });

    test("without a signature is refused: alg none", async () => {
        const [, claims] = partsOf(await sign("wallet"));
        const token = new UnsecuredJWT(claims).encode();
        await expect(tokens.verify("wallet", token)).rejects.toMatchObject(refusal);
        const [header] = partsOf(await sign("wallet"));
        const unsigned = [{ ...header, alg: "none" }, claims].map((part) =>
            Buffer.from(JSON.stringify(part)).toString("base64url")
        );
        await expect(tokens.verify("wallet", `${unsigned.join(".")}.`)).rejects.toMatchObject(
            refusal
        );
    });

    test("signed with our public key for a secret is refused: HS256", async () => {
        const secret = Buffer.from(String(keys[0]?.x), "base64url");
        const [, claims] = partsOf(await sign("wallet"));
        const token = await new SignJWT(claims)
            .setProtectedHeader({ alg: "HS256", typ: "wallet+jwt", kid: "wallet-2" })
            .sign(secret);
        await expect(tokens.verify("wallet", token)).rejects.toMatchObject(refusal);
    });

    test("with any letter of it changed is refused", async () => {
        const token = await sign("wallet");
        const [header = "", claims = ""] = token.split(".");
        for (const place of [2, header.length + 10, header.length + claims.length + 12]) {
            const letter = token[place] === "A" ? "B" : "A";
            const changed = token.slice(0, place) + letter + token.slice(place + 1);
            await expect(tokens.verify("wallet", changed)).rejects.toMatchObject(refusal);
        }
    });

    test.each(["", "tea", "a.b.c", "..", "e30.e30.e30"])("%j is none", async (token) => {
        await expect(tokens.verify("wallet", token)).rejects.toMatchObject(refusal);
    });
});

describe("a rotation of keys", () => {
    test("signs with the new one and still takes the old one's", async () => {
        const before = new TokenService(keys.slice(1), issuer, clock);
        const token = await before.sign("wallet", { sid, wallet }, inFifteenMinutes());
        expect(partsOf(token)[0]).toMatchObject({ kid: "wallet-1" });
        expect(await tokens.verify("wallet", token)).toEqual({ sid, wallet });
        await expect(before.verify("wallet", await sign("wallet"))).rejects.toMatchObject(refusal);
    });

    test("that leaves an audience without a key is a defect that says so", async () => {
        const without = new TokenService(keys.slice(0, 2), issuer, clock);
        await expect(without.sign("sdk", { sid, wallet }, inFifteenMinutes())).rejects.toThrow(
            /JWT_KEYS has no key .*"sdk-"/
        );
    });
});
