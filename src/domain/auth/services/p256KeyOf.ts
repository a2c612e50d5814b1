import { cose, decodeCredentialPublicKey } from "@simplewebauthn/server/helpers";
import type { Hex } from "viem";
import { InvalidError } from "@/utils/errors";

/** COSE algorithm ES256 (RFC 9053): the only one that the account contract can check. */
export const es256 = -7;

export function isEs256(coseKey: Uint8Array): boolean {
    const key = decodeCredentialPublicKey(Uint8Array.from(coseKey));
    return key.get(cose.COSEKEYS.alg) === es256 && cose.isCOSEPublicKeyEC2(key);
}

/** The coordinates of an ES256 key in its COSE encoding (RFC 9053 §7.1.1). */
export function p256KeyOf(coseKey: Uint8Array): { x: Hex; y: Hex } {
    const key = decodeCredentialPublicKey(Uint8Array.from(coseKey));
    const isP256 = cose.isCOSEPublicKeyEC2(key) && key.get(cose.COSEKEYS.crv) === cose.COSECRV.P256;
    const [x, y] = isP256 ? [key.get(cose.COSEKEYS.x), key.get(cose.COSEKEYS.y)] : [];
    if (!x || !y) throw new InvalidError("ATTESTATION_INVALID", "The passkey is not of P-256");
    return { x: hex(x), y: hex(y) };
}

const hex = (bytes: Uint8Array): Hex => `0x${Buffer.from(bytes).toString("hex")}`;
