import { createHmac } from "node:crypto";
import type { Hex, LocalAccount } from "viem";
import { privateKeyToAccount } from "viem/accounts";

export const chainRoles = ["admin", "settler", "publisher", "bankManager", "minter"] as const;
export type ChainRole = (typeof chainRoles)[number];

/** Only an address and signatures are asked for, so that a KMS can stand behind it (viem's `toAccount`). */
export type ChainSigner = Pick<LocalAccount, "address" | "signTransaction">;
/** Who signs for Commend on chain. */
export type ChainSigners = { signer(role: ChainRole): ChainSigner };

/** Keys derived from one master key by HMAC-SHA256, domain-separated: knowing one tells nothing of another. */
export class KeyRing implements ChainSigners {
    private readonly accounts = new Map<ChainRole, LocalAccount>();

    constructor(private readonly masterKey: Uint8Array) {}

    signer(role: ChainRole): LocalAccount {
        const known = this.accounts.get(role);
        if (known) return known;
        const account = privateKeyToAccount(this.hex(`chain-key/v1/${role}`));
        this.accounts.set(role, account);
        return account;
    }

    /** 32 bytes for one purpose. */
    derive(purpose: string): Buffer {
        return createHmac("sha256", this.masterKey).update(`commend/${purpose}`).digest();
    }

    private hex(purpose: string): Hex {
        return `0x${this.derive(purpose).toString("hex")}`;
    }
}
