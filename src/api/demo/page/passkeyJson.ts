/*
 * WebAuthn speaks in bytes and our API in base64url. Browsers translate by themselves since about 2024; for
 * the others it is done here.
 */
type Bytes = "challenge" | "user" | "extensions";
type Creation = Omit<PublicKeyCredentialCreationOptions, Bytes | "excludeCredentials"> & {
    challenge: string;
    user: PublicKeyCredentialUserEntityJSON;
};
type Request = Omit<PublicKeyCredentialRequestOptions, Bytes | "allowCredentials"> & {
    challenge: string;
    allowCredentials: { type: PublicKeyCredentialType; id: string }[];
};

export function creationOptions(options: Creation): PublicKeyCredentialCreationOptions {
    if ("parseCreationOptionsFromJSON" in PublicKeyCredential) {
        return PublicKeyCredential.parseCreationOptionsFromJSON(options);
    }
    const { challenge, user } = options;
    return {
        ...options,
        challenge: bytes(challenge),
        user: { ...user, id: bytes(user.id) },
    };
}

export function requestOptions(options: Request): PublicKeyCredentialRequestOptions {
    if ("parseRequestOptionsFromJSON" in PublicKeyCredential) {
        return PublicKeyCredential.parseRequestOptionsFromJSON(options);
    }
    const { challenge, allowCredentials } = options;
    return {
        ...options,
        challenge: bytes(challenge),
        allowCredentials: allowCredentials.map(({ type, id }) => ({ type, id: bytes(id) })),
    };
}

export function toJson(credential: Credential | null): unknown {
    if (!(credential instanceof PublicKeyCredential)) throw new Error("There was no passkey");
    if ("toJSON" in credential) return credential.toJSON();
    const { id, rawId, type, response } = credential as PublicKeyCredential;
    return { id, rawId: text(rawId), type, response: responseJson(response) };
}

function responseJson(response: AuthenticatorResponse): Record<string, string> {
    const clientDataJSON = text(response.clientDataJSON);
    if (response instanceof AuthenticatorAttestationResponse) {
        return { clientDataJSON, attestationObject: text(response.attestationObject) };
    }
    const { authenticatorData, signature, userHandle } = response as AuthenticatorAssertionResponse;
    return {
        clientDataJSON,
        authenticatorData: text(authenticatorData),
        signature: text(signature),
        ...(userHandle ? { userHandle: text(userHandle) } : {}),
    };
}

function bytes(base64url: string): ArrayBuffer {
    const base64 = base64url.replaceAll("-", "+").replaceAll("_", "/");
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)).buffer;
}

function text(buffer: ArrayBuffer): string {
    const base64 = btoa(String.fromCharCode(...new Uint8Array(buffer)));
    return base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
