import { createHmac } from "node:crypto";
import type { Hex } from "viem";

/** Finds a secret or personal value again without storing it: a hash that only our key can make. */
export class Lookups {
    constructor(private readonly key: Uint8Array) {}

    /** `kind` keeps equal texts of different meaning apart. */
    of(kind: string, value: string): string {
        return createHmac("sha256", this.key).update(`${kind}:${value}`).digest("base64url");
    }

    /** The same, as the 32 bytes that go on chain: what it stands for cannot be guessed from it. */
    commitment(kind: string, value: string): Hex {
        return `0x${createHmac("sha256", this.key).update(`${kind}:${value}`).digest("hex")}`;
    }
}
