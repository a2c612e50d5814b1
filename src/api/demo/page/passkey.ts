import { creationOptions, requestOptions, toJson } from "./passkeyJson";

export type Challenge = {
    challengeId: string;
    challenge: string;
    rpId: string;
    timeoutMs: number;
    user?: { id: string; name: string; displayName: string };
};

/** ECDSA on P-256 with SHA-256: what the wallet's contract verifies. */
const es256 = -7;

/** Has the browser make a passkey; `owner` is what its dialog and its list of passkeys call it. */
export async function makePasskey(challenge: Challenge, owner: string): Promise<unknown> {
    const publicKey = creationOptions({
        challenge: challenge.challenge,
        rp: { id: challenge.rpId, name: challenge.user?.displayName ?? "Commend" },
        user: { id: challenge.user?.id ?? "", name: `${owner} (Commend demo)`, displayName: owner },
        pubKeyCredParams: [{ type: "public-key", alg: es256 }],
        authenticatorSelection: { residentKey: "required", userVerification: "required" },
        timeout: challenge.timeoutMs,
    });
    return toJson(await navigator.credentials.create({ publicKey }));
}

/** Has the browser sign with this passkey and no other: both people of the story keep theirs on one device. */
export async function usePasskey(challenge: Challenge, credentialId: string): Promise<unknown> {
    const publicKey = requestOptions({
        challenge: challenge.challenge,
        rpId: challenge.rpId,
        allowCredentials: [{ type: "public-key", id: credentialId }],
        userVerification: "required",
        timeout: challenge.timeoutMs,
    });
    return toJson(await navigator.credentials.get({ publicKey }));
}
