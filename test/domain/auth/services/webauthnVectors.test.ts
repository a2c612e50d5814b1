import { verifyAuthenticationResponse, verifyRegistrationResponse } from "@simplewebauthn/server";
import {
    cose,
    decodeAttestationObject,
    decodeCredentialPublicKey,
    isoBase64URL,
} from "@simplewebauthn/server/helpers";
import { Signature } from "ox";
import { getAddress } from "viem";
import { describe, expect, test } from "vitest";
import { AuthContext } from "@/domain/auth";
import { PasskeyService } from "@/domain/auth/services/PasskeyService";
import { passkeyWalletAddress } from "@/infrastructure/blockchain";
import { newId } from "@/utils/ids";
import { later, minutes, systemClock } from "@/utils/time";
import {
    type AssertionVector,
    pyWebauthnVectors,
    type RegistrationVector,
    simpleWebauthnVectors,
    w3cVectors,
} from "../../../fixtures/webauthnVectors";

const { authenticators: store } = AuthContext.repositories;
const device = { label: null, userAgent: null };
const topOrigin = "https://example.com";
const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

const sources = [
    ["W3C Level 3", w3cVectors()],
    ["py_webauthn", pyWebauthnVectors()],
    ["SimpleWebAuthn", simpleWebauthnVectors()],
] as const;

/** Why we refuse what a vector's source accepts. */
const policy = {
    labelled: "its source refuses it, too",
    algorithm: "its key is not ES256, which is all that the account contract can check",
    attestation: "a certificate attests it, and we take none and self attestation only",
    userVerification: "nobody was verified, and we always want that",
} as const;
type Reason = keyof typeof policy;

type Vector = RegistrationVector | AssertionVector;
const isRegistration = (vector: Vector): vector is RegistrationVector =>
    "attestationObject" in vector.response.response;
const bytesOf = (text: string) => isoBase64URL.toBuffer(text);

const isEs256 = ({ coseKey }: Vector): boolean =>
    coseKey.length > 0 && decodeCredentialPublicKey(coseKey).get(cose.COSEKEYS.alg) === -7;

function attestationOf(vector: RegistrationVector) {
    const object = decodeAttestationObject(bytesOf(vector.response.response.attestationObject));
    const [fmt, authData] = [object.get("fmt"), object.get("authData")];
    const isCertified = object.get("attStmt").get("x5c") !== undefined || fmt !== "packed";
    return { isSelfMade: fmt === "none" || !isCertified, flags: authData[32] ?? 0 };
}

/** From the vector's own bytes, and not from what we make of it. */
function reasonToRefuse(vector: Vector): Reason | undefined {
    if (vector.expect === "reject") return "labelled";
    if (!isEs256(vector)) return "algorithm";
    const { isSelfMade, flags } = isRegistration(vector)
        ? attestationOf(vector)
        : { isSelfMade: true, flags: bytesOf(vector.response.response.authenticatorData)[32] ?? 0 };
    if (!isSelfMade) return "attestation";
    return (flags & 4) === 0 ? "userVerification" : undefined;
}

const serviceFor = ({ rpId, origin }: Vector) =>
    new PasskeyService(
        store,
        { id: rpId, name: "Vectors", origins: [origin, topOrigin] },
        passkeyWalletAddress,
        systemClock
    );

const challengeOf = ({ challenge, rpId }: Vector, purpose: "register" | "login") => ({
    id: newId<never>(),
    purpose,
    challenge: bytesOf(challenge),
    rpId,
    userHandle: null,
    wallet: null,
    consent: null,
    expiresAt: later(new Date(), minutes(5)),
});

/** As a wallet would bring it: "accepted", or the code of our refusal. */
async function verdictOn(vector: Vector): Promise<string> {
    const passkeys = serviceFor(vector);
    const ceremony = isRegistration(vector)
        ? registers(passkeys, vector)
        : logsIn(passkeys, vector);
    return ceremony.then(
        () => "accepted",
        ({ code }) => code
    );
}

async function registers(passkeys: PasskeyService, vector: RegistrationVector): Promise<unknown> {
    const challenge = challengeOf(vector, "register");
    await forget(vector.response.id);
    return passkeys.register({ challenge, credential: vector.response, device });
}

async function logsIn(passkeys: PasskeyService, vector: AssertionVector): Promise<unknown> {
    const { response, coseKey, counter } = vector;
    const flags = bytesOf(response.response.authenticatorData)[32] ?? 0;
    await forget(response.id);
    await store.add({
        ...device,
        credentialId: response.id,
        wallet: getAddress(`0x${"00".repeat(20)}`),
        publicKey: { x: "0x", y: "0x" },
        coseKey,
        counter,
        transports: [],
        deviceType: (flags & 8) === 0 ? "singleDevice" : "multiDevice",
        backedUp: false,
        userHandle: response.response.userHandle ?? "",
        createdAt: new Date(),
        lastUsedAt: null,
    });
    return passkeys.login({ challenge: challengeOf(vector, "login"), credential: response });
}

/** Many vectors are of one passkey; another stays, so that this one is not the last. */
async function forget(credentialId: string): Promise<void> {
    const known = await store.find(credentialId);
    if (!known) return;
    await store.add({ ...known, credentialId: `${newId()}` });
    await store.removeUnlessLast({ wallet: known.wallet, credentialId, at: new Date() });
}

/** The same check without our policy: user verification is not asked for. */
async function isSigned(vector: Vector): Promise<boolean> {
    const expectations = {
        expectedChallenge: vector.challenge,
        expectedOrigin: vector.origin,
        expectedRPID: vector.rpId,
        requireUserVerification: false,
    };
    if (isRegistration(vector)) {
        const { response } = vector;
        const supportedAlgorithmIDs = [-7];
        const options = { ...expectations, response, supportedAlgorithmIDs };
        return (await verifyRegistrationResponse(options)).verified;
    }
    const { response, coseKey: publicKey } = vector;
    const credential = { id: response.id, publicKey, counter: 0 };
    const options = { ...expectations, response, credential, expectedTopOrigin: topOrigin };
    return (await verifyAuthenticationResponse(options)).verified;
}

describe.each(sources)("%s", (_, { registrations, assertions }) => {
    const vectors: Vector[] = [...registrations, ...assertions];
    const table = vectors.map((vector) => {
        const ceremony = isRegistration(vector) ? "registration" : "assertion";
        const reason = reasonToRefuse(vector);
        const what = reason ? `refused: ${policy[reason]}` : "accepted";
        return [`${ceremony} ${vector.name}`, what, { vector, ceremony, reason }] as const;
    });
    const refusals = {
        registration: ["ATTESTATION_INVALID"],
        assertion: ["ASSERTION_INVALID", "COUNTER_REGRESSION"],
    };

    test.each(table)("%s is %s", async (_name, _what, { vector, ceremony, reason }) => {
        const verdicts = reason ? refusals[ceremony] : ["accepted"];
        expect(verdicts).toContain(await verdictOn(vector));
    });

    /** Of those that certificates attest, the roots are not ours to know. */
    const signed = vectors.filter((vector) => {
        const reason = reasonToRefuse(vector);
        return reason === undefined || reason === "userVerification";
    });

    test.each(signed.map((vector) => [vector.name, vector] as const))(
        "%s is signed by its ES256 key",
        async (_name, vector) => {
            expect(await isSigned(vector)).toBe(true);
        }
    );
});

test("the W3C's have high S and low S, frames, a long id, and every algorithm", () => {
    const { assertions, registrations } = w3cVectors();
    const es256 = assertions.filter(isEs256);
    expect([registrations.length, es256.length]).toEqual([15, 10]);
    const isHigh = es256.map(({ response }) => {
        const { s } = Signature.fromDerBytes(bytesOf(response.response.signature));
        return s > order / 2n;
    });
    expect(new Set(isHigh)).toEqual(new Set([true, false]));
});

test("a page in a frame of somebody else's page is refused", async () => {
    const [vector] = w3cVectors().assertions.filter(({ name }) => name === "none-es256-topOrigin");
    if (!vector) throw new Error("The vector is gone");
    expect(await verdictOn(vector)).toBe("accepted");
    const { rpId: id, origin } = vector;
    const ours = { id, name: "Vectors", origins: [origin] };
    const passkeys = new PasskeyService(store, ours, passkeyWalletAddress, systemClock);
    await expect(logsIn(passkeys, vector)).rejects.toMatchObject({ code: "ASSERTION_INVALID" });
});
