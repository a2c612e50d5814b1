import { createHash } from "node:crypto";

/** For secrets that are random enough to need no slow hash: stored so, a copy of the database opens nothing. */
export function secretHash(secret: string): string {
    return createHash("sha256").update(secret).digest("base64url");
}
