import { randomBytes, sign } from "node:crypto";
import type { RegistrationResponseJSON } from "@simplewebauthn/server";
import { isoBase64URL, isoCBOR } from "@simplewebauthn/server/helpers";
import { beforeEach, describe, expect, test } from "vitest";
import { AuthContext, type Authenticator } from "@/domain/auth";
import { ChallengeService } from "@/domain/auth/services/ChallengeService";
import { PasskeyService } from "@/domain/auth/services/PasskeyService";
import { passkeyWalletAddress } from "@/infrastructure/blockchain";
import { minutes } from "@/utils/time";
import {
    type AuthenticatorOptions,
    type Ceremony,
    SoftwareAuthenticator,
} from "../../../fixtures/SoftwareAuthenticator";
import { StoppedClock } from "../../../fixtures/StoppedClock";

const { authenticators: store, challenges: repository } = AuthContext.repositories;
const origin = "https://wallet.example";
const app = "android:apk-key-hash:teateateateateateateateateateateateateateat";
const relyingParty = { id: "wallet.example", name: "Tea Wallet", origins: [origin, app] };
const device = { label: "Ben's phone", userAgent: "Tea/1.0" };
const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url");

let clock: StoppedClock;
let challenges: ChallengeService;
let passkeys: PasskeyService;
beforeEach(() => {
    clock = new StoppedClock();
    challenges = new ChallengeService(repository, relyingParty.id, clock);
    passkeys = new PasskeyService(store, relyingParty, passkeyWalletAddress, clock);
});

const newPhone = (options: AuthenticatorOptions = {}) =>
    new SoftwareAuthenticator({ rpId: relyingParty.id, origin, ...options });

async function registers(
    phone: SoftwareAuthenticator,
    ceremony: Ceremony = {},
    change = (json: RegistrationResponseJSON) => json
): Promise<Authenticator> {
    const challenge = await challenges.issue("register");
    const credential = change(phone.register(base64url(challenge.challenge), ceremony));
    return passkeys.register({ challenge, credential, device });
}

/** A phone that is registered, with the handle that we gave it. */
async function bensPhone(options: AuthenticatorOptions = {}, ceremony: Ceremony = {}) {
    const challenge = await challenges.issue("register");
    const userHandle = Buffer.from(challenge.userHandle ?? "", "base64url");
    const phone = newPhone({ userHandle, ...options });
    const credential = phone.register(base64url(challenge.challenge), ceremony);
    const authenticator = await passkeys.register({ challenge, credential, device });
    return { phone, authenticator };
}

async function logsIn(
    phone: SoftwareAuthenticator,
    ceremony: Ceremony = {}
): Promise<Authenticator> {
    const challenge = await challenges.issue("login");
    const credential = phone.authenticate(base64url(challenge.challenge), ceremony);
    return passkeys.login({ challenge, credential });
}

describe("a registration", () => {
    const refusal = { code: "ATTESTATION_INVALID", kind: "invalid" };

    test("keeps the passkey as the attestation has it, and the wallet that follows from it", async () => {
        const { phone, authenticator } = await bensPhone();
        const { credentialId, publicKey } = phone;
        expect(await store.find(phone.id)).toEqual({
            ...authenticator,
            coseKey: expect.anything(),
        });
        expect(authenticator).toMatchObject({
            credentialId: phone.id,
            wallet: passkeyWalletAddress({ credentialId, publicKey }),
            publicKey,
            counter: 0,
            transports: ["internal"],
            deviceType: "multiDevice",
            backedUp: true,
            ...device,
            createdAt: clock.now(),
            lastUsedAt: null,
        });
    });

    test("takes nothing from the request that the attestation does not say", async () => {
        const [phone, victim] = [newPhone(), newPhone()];
        const renamed = (json: RegistrationResponseJSON) => ({
            ...json,
            id: victim.id,
            rawId: victim.id,
            response: { ...json.response, publicKey: base64url(randomBytes(91)) },
        });
        expect(await registers(phone, {}, renamed)).toMatchObject({
            credentialId: phone.id,
            publicKey: phone.publicKey,
        });
        expect(await store.find(victim.id)).toBeUndefined();
    });

    test("is taken from every origin of the list, an app included", async () => {
        expect(await registers(newPhone({ origin: app }))).toBeDefined();
    });

    test.each<[string, Ceremony]>([
        ["a page of another origin", { origin: "https://evil.example" }],
        ["a page of our domain's own subdomain", { origin: "https://evil.wallet.example" }],
        ["our domain without TLS", { origin: "http://wallet.example" }],
        ["another relying party", { rpId: "evil.example" }],
        ["nobody verified", { userVerified: false }],
        ["nobody there", { userPresent: false }],
        ["a ceremony of another type", { type: "webauthn.get" }],
        ["a backup of what cannot be backed up", { backupEligible: false, backedUp: true }],
    ])("is refused with %s", async (_, ceremony) => {
        const phone = newPhone();
        await expect(registers(phone, ceremony)).rejects.toMatchObject(refusal);
        expect(await store.find(phone.id)).toBeUndefined();
    });

    test("of another challenge is refused", async () => {
        const [mine, other] = [
            await challenges.issue("register"),
            await challenges.issue("register"),
        ];
        const credential = newPhone().register(base64url(other.challenge));
        await expect(
            passkeys.register({ challenge: mine, credential, device })
        ).rejects.toMatchObject(refusal);
    });

    test.each([
        ["an algorithm that the chain cannot check (EdDSA)", "0326", "0327"],
        ["a curve that the chain cannot check (P-384)", "2001", "2002"],
        ["a point that is not on the curve", "215820", "215821"],
    ])("with %s is refused", async (_, from, to) => {
        const changed = (json: RegistrationResponseJSON) => {
            const bytes = Buffer.from(json.response.attestationObject, "base64url").toString("hex");
            const at = bytes.lastIndexOf(from);
            const hex = bytes.slice(0, at) + to + bytes.slice(at + from.length);
            const attestationObject = Buffer.from(hex, "hex").toString("base64url");
            return { ...json, response: { ...json.response, attestationObject } };
        };
        await expect(registers(newPhone(), {}, changed)).rejects.toMatchObject(refusal);
    });

    test.each([
        ["nothing", ""],
        ["no CBOR", "dGVh"],
        ["a megabyte of it", "AAAA".repeat(5_000)],
    ])("whose attestation is %s is refused", async (_, attestationObject) => {
        const changed = (json: RegistrationResponseJSON) => ({
            ...json,
            response: { ...json.response, attestationObject },
        });
        await expect(registers(newPhone(), {}, changed)).rejects.toMatchObject(refusal);
    });

    test("of a passkey that is registered already is refused, whoever asks", async () => {
        const { phone, authenticator } = await bensPhone();
        const thief = newPhone({ credentialId: phone.credentialId });
        for (const again of [phone, thief]) {
            await expect(registers(again)).rejects.toMatchObject({
                code: "CREDENTIAL_EXISTS",
                kind: "conflict",
            });
        }
        expect(await store.find(phone.id)).toMatchObject({ publicKey: authenticator.publicKey });
    });

    test("of one passkey twice at once succeeds once", async () => {
        const phone = newPhone();
        const answers = await Promise.allSettled(Array.from({ length: 5 }, () => registers(phone)));
        expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    });

    describe("attested by its own key", () => {
        /** Attestation `packed` without a certificate (WebAuthn Level 3 §8.2): the new key signs itself. */
        const selfAttested =
            (phone: SoftwareAuthenticator, spoil = false) =>
            (json: RegistrationResponseJSON) => {
                const authData = Buffer.from(json.response.authenticatorData ?? "", "base64url");
                const clientDataHash = new Bun.CryptoHasher("sha256")
                    .update(isoBase64URL.toBuffer(json.response.clientDataJSON))
                    .digest();
                const key = {
                    key: Buffer.from(phone.privateKey.slice(2), "hex"),
                    format: "der",
                    type: "pkcs8",
                } as const;
                const signature = sign("sha256", Buffer.concat([authData, clientDataHash]), key);
                if (spoil) signature[signature.length - 1] = (signature.at(-1) ?? 0) ^ 1;
                const attestation = isoCBOR.encode(
                    new Map<string, Parameters<typeof isoCBOR.encode>[0]>([
                        ["fmt", "packed"],
                        [
                            "attStmt",
                            new Map<string, number | Uint8Array>([
                                ["alg", -7],
                                ["sig", Uint8Array.from(signature)],
                            ]),
                        ],
                        ["authData", Uint8Array.from(authData)],
                    ])
                );
                return {
                    ...json,
                    response: { ...json.response, attestationObject: base64url(attestation) },
                };
            };

        test("is taken", async () => {
            const phone = newPhone();
            expect(await registers(phone, {}, selfAttested(phone))).toMatchObject({
                credentialId: phone.id,
            });
        });

        test("is refused when the signature is not its own", async () => {
            const [phone, other] = [newPhone(), newPhone()];
            await expect(registers(phone, {}, selfAttested(other))).rejects.toMatchObject(refusal);
            await expect(registers(phone, {}, selfAttested(phone, true))).rejects.toMatchObject(
                refusal
            );
        });
    });
});

describe("a login", () => {
    const refusal = { code: "ASSERTION_INVALID", kind: "unauthenticated" };

    test("is of whoever holds the passkey, and is noted", async () => {
        const { phone, authenticator } = await bensPhone();
        clock.passes(minutes(10));
        expect(await logsIn(phone)).toMatchObject({ wallet: authenticator.wallet });
        expect(await store.find(phone.id)).toMatchObject({ lastUsedAt: clock.now(), counter: 0 });
    });

    test.each<[string, Ceremony]>([
        ["a page of another origin", { origin: "https://evil.example" }],
        ["another relying party", { rpId: "evil.example" }],
        ["nobody verified", { userVerified: false }],
        ["nobody there", { userPresent: false }],
        ["a ceremony of another type", { type: "webauthn.create" }],
        ["the handle of somebody else", { userHandle: Buffer.from("cleo") }],
        ["an empty handle", { userHandle: Buffer.alloc(0) }],
        ["a key that cannot be backed up any more", { backupEligible: false, backedUp: false }],
        ["a backup of what cannot be backed up", { backupEligible: false, backedUp: true }],
    ])("is refused with %s, and not noted", async (_, ceremony) => {
        const { phone } = await bensPhone();
        await expect(logsIn(phone, ceremony)).rejects.toMatchObject(refusal);
        expect(await store.find(phone.id)).toMatchObject({ lastUsedAt: null });
    });

    test("needs no user handle: not every browser tells it", async () => {
        const { phone } = await bensPhone();
        expect(await logsIn(phone, { userHandle: null })).toBeDefined();
    });

    test("with a passkey that we do not know is told so", async () => {
        await expect(logsIn(newPhone())).rejects.toMatchObject({
            code: "CREDENTIAL_UNKNOWN",
            kind: "notFound",
        });
    });

    test("with somebody else's key is refused", async () => {
        const { phone } = await bensPhone();
        const thief = newPhone({ credentialId: phone.credentialId });
        await expect(logsIn(thief)).rejects.toMatchObject(refusal);
    });

    test("of another challenge is refused", async () => {
        const { phone } = await bensPhone();
        const [mine, other] = [await challenges.issue("login"), await challenges.issue("login")];
        const credential = phone.authenticate(base64url(other.challenge));
        await expect(passkeys.login({ challenge: mine, credential })).rejects.toMatchObject(
            refusal
        );
    });

    test("with any bit of what was signed flipped is refused", async () => {
        const { phone } = await bensPhone();
        const challenge = await challenges.issue("login");
        const credential = phone.authenticate(base64url(challenge.challenge));
        for (const part of ["authenticatorData", "signature", "clientDataJSON"] as const) {
            const bytes = Buffer.from(credential.response[part], "base64url");
            for (const place of [0, bytes.length >> 1, bytes.length - 1]) {
                const flipped = Buffer.from(bytes);
                flipped[place] = (flipped[place] ?? 0) ^ 1;
                const response = { ...credential.response, [part]: flipped.toString("base64url") };
                const login = passkeys.login({
                    challenge,
                    credential: { ...credential, response },
                });
                await expect(login, `${part} at ${place}`).rejects.toMatchObject(refusal);
            }
        }
    });

    test.each(["authenticatorData", "signature", "clientDataJSON"] as const)(
        "with an empty %s is refused",
        async (part) => {
            const { phone } = await bensPhone();
            const challenge = await challenges.issue("login");
            const credential = phone.authenticate(base64url(challenge.challenge));
            const response = { ...credential.response, [part]: "" };
            await expect(
                passkeys.login({ challenge, credential: { ...credential, response } })
            ).rejects.toMatchObject(refusal);
        }
    );

    test("follows the backup state, which may change", async () => {
        const { phone } = await bensPhone();
        await logsIn(phone, { backedUp: false });
        expect(await store.find(phone.id)).toMatchObject({ backedUp: false });
    });

    test("by a key that was bound to one device and now can be copied is refused", async () => {
        const { phone } = await bensPhone({}, { backupEligible: false, backedUp: false });
        await expect(logsIn(phone)).rejects.toMatchObject(refusal);
        expect(await logsIn(phone, { backupEligible: false, backedUp: false })).toBeDefined();
    });
});

describe("a counter", () => {
    const regression = { code: "COUNTER_REGRESSION", kind: "unauthenticated" };

    test("that is 0 stays 0, login after login: a synced passkey does not count", async () => {
        const { phone } = await bensPhone();
        for (const _ of [1, 2, 3]) await logsIn(phone);
        expect(await store.find(phone.id)).toMatchObject({ counter: 0 });
    });

    test("goes up, by however much", async () => {
        const { phone } = await bensPhone({ counter: 5 });
        await logsIn(phone);
        await logsIn(phone, { counter: 90 });
        expect(await store.find(phone.id)).toMatchObject({ counter: 90 });
    });

    test.each([5, 4, 0])(
        "that was 5 and says %i is a copy's: refused, and not kept",
        async (counter) => {
            const { phone } = await bensPhone({ counter: 5 });
            await expect(logsIn(phone, { counter })).rejects.toMatchObject(regression);
            expect(await store.find(phone.id)).toMatchObject({ counter: 5, lastUsedAt: null });
        }
    );

    test("that is told twice at once is believed once", async () => {
        const { phone } = await bensPhone({ counter: 5 });
        const answers = await Promise.allSettled([
            logsIn(phone, { counter: 6 }),
            logsIn(phone, { counter: 6 }),
        ]);
        expect(answers.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    });

    test("can be as large as WebAuthn lets it be", async () => {
        const { phone } = await bensPhone({ counter: 5 });
        expect(await logsIn(phone, { counter: 2 ** 32 - 1 })).toBeDefined();
        expect(await store.find(phone.id)).toMatchObject({ counter: 2 ** 32 - 1 });
    });
});
