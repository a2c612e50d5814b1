import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";

const algorithm = "aes-256-gcm";
const ivBytes = 12;
const tagBytes = 16;

/**
 * Encrypts what must not be read from a copy of the database (AES-256-GCM, NIST SP 800-38D). The first key
 * seals, all open. `context` is authenticated with the text: a value moved to another row does not open.
 */
export class SecretBox {
    private readonly keys: readonly Buffer[];

    constructor(passphrases: readonly string[]) {
        this.keys = passphrases.map((passphrase) =>
            Buffer.from(hkdfSync("sha256", passphrase, "", "commend/secret-box/v1", 32))
        );
    }

    seal(text: string, context: string): string {
        const [key] = this.keys;
        if (!key) throw new Error("SecretBox has no key");
        const iv = randomBytes(ivBytes);
        const cipher = createCipheriv(algorithm, key, iv).setAAD(Buffer.from(context));
        const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
        return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString("base64url");
    }

    open(sealed: string, context: string): string {
        const bytes = Buffer.from(sealed, "base64url");
        for (const key of this.keys) {
            const text = tryOpen(bytes, key, context);
            if (text !== undefined) return text;
        }
        throw new Error(`No key opens the secret of ${context}: was ENCRYPTION_KEYS cut short?`);
    }
}

function tryOpen(bytes: Buffer, key: Buffer, context: string): string | undefined {
    try {
        // Node would take a shorter tag as well, and four bytes of one can be guessed.
        const options = { authTagLength: tagBytes };
        const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, ivBytes), options)
            .setAAD(Buffer.from(context))
            .setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
        const opened = [decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()];
        return Buffer.concat(opened).toString("utf8");
    } catch {
        return undefined;
    }
}
