import type { Address, Hex } from "viem";

/** A passkey as we keep it. */
export type Authenticator = {
    /** base64url, as the browser names it. */
    credentialId: string;
    wallet: Address;
    publicKey: { x: Hex; y: Hex };
    /** The public key as the authenticator encoded it (RFC 9052). */
    coseKey: Uint8Array;
    counter: number;
    transports: string[];
    deviceType: "singleDevice" | "multiDevice";
    backedUp: boolean;
    userHandle: string;
    label: string | null;
    userAgent: string | null;
    createdAt: Date;
    lastUsedAt: Date | null;
};

export type Use = { counter: number; backedUp: boolean; at: Date };

/** `at` is when it was asked for. */
export type Removal = { wallet: Address; credentialId: string; at: Date };

/** Where passkeys are kept: PostgreSQL, or MongoDB for those who have it. One contract test holds both. */
export type AuthenticatorStore = {
    /** False when there is a passkey of this id already, whoever's it is. */
    add(authenticator: Authenticator): Promise<boolean>;
    find(credentialId: string): Promise<Authenticator | undefined>;
    findOfWallet(wallet: Address): Promise<Authenticator[]>;
    /**
     * Notes a login. False when the counter went back (WebAuthn Level 3 §6.1.1): a copy of the key may be
     * about. An authenticator that does not count stays at 0.
     */
    use(credentialId: string, use: Use): Promise<boolean>;
    /**
     * False when it is the last of its wallet, or may be because of another removal at this moment; nothing is
     * removed then. One that is gone already counts as removed.
     */
    removeUnlessLast(removal: Removal): Promise<boolean>;

    /** Forgets what the wallet's passkeys are called and which devices made them; the keys stay. */
    forgetDevices(wallet: Address): Promise<void>;
};
