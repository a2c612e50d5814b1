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
import { es256, isEs256, p256KeyOf } from "./p256KeyOf";

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
    /** The wallet that gets a further passkey; without it the passkey makes a wallet of its own. */
    wallet?: Address;
};
export type Login = { challenge: Challenge; credential: AuthenticationResponseJSON };

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
    async register({
        challenge,
        credential,
        device,
        wallet,
    }: Registration): Promise<Authenticator> {
        const { registrationInfo } = await this.verifiedAttestation(challenge, credential);
        const { id, publicKey: coseKey, counter, transports = [] } = registrationInfo.credential;
        const publicKey = p256KeyOf(coseKey);
        const authenticator: Authenticator = {
            ...device,
            credentialId: id,
            wallet: wallet ?? this.walletOf({ credentialId: isoBase64URL.toBuffer(id), publicKey }),
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
        // The library would take any algorithm that a key names.
        if (!isEs256(authenticator.coseKey)) throw assertionInvalid();
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
        throw credentialUnknown();
    }

    /** The passkeys of a wallet, oldest first. */
    async list(wallet: Address): Promise<Authenticator[]> {
        return this.store.findOfWallet(wallet);
    }

    /** Throws `CREDENTIAL_UNKNOWN` when the wallet has no such passkey, `LAST_CREDENTIAL` when it has no other. */
    async assertRemovable(wallet: Address, credentialId: string): Promise<void> {
        const passkeys = await this.store.findOfWallet(wallet);
        if (!passkeys.some((one) => one.credentialId === credentialId)) throw credentialUnknown();
        if (passkeys.length === 1) throw lastCredential();
    }

    /** Of two that are removed at once one stays: nobody locks themselves out. Throws `LAST_CREDENTIAL`. */
    async remove(wallet: Address, credentialId: string): Promise<void> {
        const removal = { wallet, credentialId, at: this.clock.now() };
        if (!(await this.store.removeUnlessLast(removal))) throw lastCredential();
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
                // In a frame, the page around it must be ours as well.
                expectedTopOrigin: this.relyingParty.origins,
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

const credentialUnknown = () =>
    new NotFoundError("CREDENTIAL_UNKNOWN", "This passkey is not registered here");

const lastCredential = () =>
    new ConflictError("LAST_CREDENTIAL", "A wallet without a passkey could never be opened again");

const attestationInvalid = (cause?: unknown) =>
    new InvalidError("ATTESTATION_INVALID", "The new passkey's attestation does not verify", {
        cause,
    });

const assertionInvalid = (cause?: unknown) =>
    new UnauthenticatedError("ASSERTION_INVALID", "The passkey's assertion does not verify", {
        cause,
    });
