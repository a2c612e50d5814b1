import {
    type AuthenticationResponseJSON,
    type RegistrationResponseJSON,
    type VerifiedAuthenticationResponse,
    type VerifiedRegistrationResponse,
    verifyAuthenticationResponse,
    verifyRegistrationResponse,
} from "@simplewebauthn/server";
import { decodeAttestationObject, isoBase64URL } from "@simplewebauthn/server/helpers";
import type { Address } from "viem";
import { ConflictError, InvalidError, NotFoundError, UnauthenticatedError } from "@/utils/errors";
import type { Clock } from "@/utils/time";
import type { Authenticator, AuthenticatorStore } from "../repositories/AuthenticatorStore";
import type { Challenge } from "../repositories/ChallengeRepository";
import { p256KeyOf } from "./p256KeyOf";

export type RelyingParty = { id: string; name: string; origins: string[] };
/** The address of the account that a passkey opens; computed, never asked of a node. */
export type WalletAddressDeriver = (key: {
    credentialId: Uint8Array;
    publicKey: Authenticator["publicKey"];
}) => Address;
export type Device = { label: string | null; userAgent: string | null };
export type Registration = {
    challenge: Challenge;
    credential: RegistrationResponseJSON;
    device: Device;
};
export type Login = { challenge: Challenge; credential: AuthenticationResponseJSON };

/** COSE algorithm ES256 (RFC 9053): the only one that the account contract can check. */
const es256 = -7;

/** Passkeys by WebAuthn Level 3, and the checks that its libraries leave to the application. */
export class PasskeyService {
    constructor(
        private readonly store: AuthenticatorStore,
        private readonly relyingParty: RelyingParty,
        private readonly walletOf: WalletAddressDeriver,
        private readonly clock: Clock
    ) {}

    /**
     * Keeps a new passkey. Its id and key come from the verified attestation and from nowhere else.
     * Throws `ATTESTATION_INVALID` or `CREDENTIAL_EXISTS`.
     */
    async register({ challenge, credential, device }: Registration): Promise<Authenticator> {
        const { registrationInfo } = await this.verifiedAttestation(challenge, credential);
        const { id, publicKey: coseKey, counter, transports = [] } = registrationInfo.credential;
        const publicKey = p256KeyOf(coseKey);
        const authenticator: Authenticator = {
            ...device,
            credentialId: id,
            wallet: this.walletOf({ credentialId: isoBase64URL.toBuffer(id), publicKey }),
            publicKey,
            coseKey,
            counter,
            transports,
            deviceType: registrationInfo.credentialDeviceType,
            backedUp: registrationInfo.credentialBackedUp,
            userHandle: challenge.userHandle ?? "",
            createdAt: this.clock.now(),
            lastUsedAt: null,
        };
        if (await this.store.add(authenticator)) return authenticator;
        throw new ConflictError("CREDENTIAL_EXISTS", "This passkey is registered already");
    }

    /** Throws `CREDENTIAL_UNKNOWN`, `ASSERTION_INVALID` or `COUNTER_REGRESSION`. */
    async login({ challenge, credential }: Login): Promise<Authenticator> {
        const authenticator = await this.get(credential.id);
        const { authenticationInfo } = await this.verifiedAssertion(
            challenge,
            credential,
            authenticator
        );
        assertSameAuthenticator(authenticator, credential, authenticationInfo);
        const { newCounter: counter, credentialBackedUp: backedUp } = authenticationInfo;
        const use = { counter, backedUp, at: this.clock.now() };
        if (await this.store.use(authenticator.credentialId, use)) return authenticator;
        throw new UnauthenticatedError(
            "COUNTER_REGRESSION",
            "The passkey's counter went back: a copy of it may be in use"
        );
    }

    /**
     * A passkey of this very wallet answers. Throws as `login` does, and `ASSERTION_INVALID` when it is another
     * wallet's.
     */
    async confirm(wallet: Address, answer: Login): Promise<Authenticator> {
        const authenticator = await this.login(answer);
        if (authenticator.wallet === wallet) return authenticator;
        throw assertionInvalid();
    }

    /** Forgets what a wallet's passkeys are called and where they were made; they go on working. */
    async forgetDevices(wallet: Address): Promise<void> {
        await this.store.forgetDevices(wallet);
    }

    /** Throws `CREDENTIAL_UNKNOWN`. */
    async get(credentialId: string): Promise<Authenticator> {
        const authenticator = await this.store.find(credentialId);
        if (authenticator) return authenticator;
        throw new NotFoundError("CREDENTIAL_UNKNOWN", "This passkey is not registered here");
    }

    private async verifiedAttestation(challenge: Challenge, response: RegistrationResponseJSON) {
        try {
            const verified = await verifyRegistrationResponse({
                ...this.expectations(challenge),
                response,
                supportedAlgorithmIDs: [es256],
            });
            if (verified.verified && isSelfMade(verified)) return verified;
        } catch (cause) {
            throw attestationInvalid(cause);
        }
        throw attestationInvalid();
    }

    private async verifiedAssertion(
        challenge: Challenge,
        response: AuthenticationResponseJSON,
        { credentialId, coseKey }: Authenticator
    ): Promise<VerifiedAuthenticationResponse> {
        try {
            const verified = await verifyAuthenticationResponse({
                ...this.expectations(challenge),
                response,
                // The counter is held against the stored one where it is stored, in one statement.
                credential: { id: credentialId, publicKey: Uint8Array.from(coseKey), counter: 0 },
            });
            if (verified.verified) return verified;
        } catch (cause) {
            throw assertionInvalid(cause);
        }
        throw assertionInvalid();
    }

    private expectations({ challenge }: Challenge) {
        return {
            expectedChallenge: Buffer.from(challenge).toString("base64url"),
            expectedOrigin: this.relyingParty.origins,
            expectedRPID: this.relyingParty.id,
            requireUserVerification: true,
        };
    }
}

type Verified = Extract<VerifiedRegistrationResponse, { verified: true }>;

/** Attestation `none`, or `packed` by the credential key itself: a certificate would be for nothing here. */
function isSelfMade({ registrationInfo }: Verified): boolean {
    const { fmt, attestationObject } = registrationInfo;
    if (fmt === "none") return true;
    const statement = decodeAttestationObject(attestationObject).get("attStmt");
    return fmt === "packed" && statement.get("x5c") === undefined;
}

type AuthenticationInfo = VerifiedAuthenticationResponse["authenticationInfo"];

/** The user handle is ours, and whether a key can be backed up never changes in its life (§6.1.3). */
function assertSameAuthenticator(
    { userHandle, deviceType }: Authenticator,
    { response }: AuthenticationResponseJSON,
    info: AuthenticationInfo
): void {
    const isTheirs = response.userHandle === undefined || response.userHandle === userHandle;
    if (!isTheirs || info.credentialDeviceType !== deviceType) throw assertionInvalid();
}

const attestationInvalid = (cause?: unknown) =>
    new InvalidError("ATTESTATION_INVALID", "The new passkey's attestation does not verify", {
        cause,
    });

const assertionInvalid = (cause?: unknown) =>
    new UnauthenticatedError("ASSERTION_INVALID", "The passkey's assertion does not verify", {
        cause,
    });
