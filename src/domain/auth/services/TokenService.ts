import { importJWK, type JWK, jwtVerify, SignJWT } from "jose";
import { type Address, getAddress } from "viem";
import { UnauthenticatedError } from "@/utils/errors";
import type { SessionId } from "@/utils/ids";
import type { Clock } from "@/utils/time";

export type Audience = "wallet" | "sdk";
export type Claims = { sid: SessionId; wallet: Address };
type Key = Awaited<ReturnType<typeof importJWK>>;
type NamedKey = { kid: string; signing: Key; verifying: Key };

const algorithm = "EdDSA";

/**
 * JSON Web Tokens (RFC 7519) signed with Ed25519. Each audience has keys of its own, told apart by the
 * beginning of their `kid` (`wallet-…`, `sdk-…`); the first of them signs, all of them verify.
 */
export class TokenService {
    private readonly keys: Promise<Record<Audience, NamedKey[]>>;

    constructor(
        jwks: readonly (JWK & { kid: string })[],
        private readonly issuer: string,
        private readonly clock: Clock
    ) {
        this.keys = importKeys(jwks);
    }

    async sign(audience: Audience, { sid, wallet }: Claims, expiresAt: Date): Promise<string> {
        const [first] = (await this.keys)[audience];
        if (!first) throw new Error(`JWT_KEYS has no key whose kid begins with "${audience}-"`);
        return new SignJWT({ sid })
            .setProtectedHeader({ alg: algorithm, typ: `${audience}+jwt`, kid: first.kid })
            .setIssuer(this.issuer)
            .setAudience(audience)
            .setSubject(wallet)
            .setIssuedAt(this.clock.now())
            .setExpirationTime(expiresAt)
            .sign(first.signing);
    }

    /** Throws `TOKEN_INVALID` for whatever is not a token of this audience, signed by us and not expired. */
    async verify(audience: Audience, token: string): Promise<Claims> {
        const known = (await this.keys)[audience];
        try {
            const { payload } = await jwtVerify(
                token,
                ({ kid }) => {
                    const found = known.find((key) => key.kid === kid);
                    if (!found) throw new Error(`Unknown kid ${kid}`);
                    return found.verifying;
                },
                {
                    algorithms: [algorithm],
                    audience,
                    issuer: this.issuer,
                    typ: `${audience}+jwt`,
                    requiredClaims: ["exp", "sub", "sid"],
                    currentDate: this.clock.now(),
                }
            );
            const { sub, sid } = payload as { sub: Address; sid: SessionId };
            return { sid, wallet: getAddress(sub) };
        } catch (cause) {
            const message = "This token is not valid here; sign in again or refresh it";
            throw new UnauthenticatedError("TOKEN_INVALID", message, { cause });
        }
    }
}

async function importKeys(
    jwks: readonly (JWK & { kid: string })[]
): Promise<Record<Audience, NamedKey[]>> {
    const named = await Promise.all(
        jwks.map(async ({ d, ...publicJwk }) => ({
            kid: publicJwk.kid,
            signing: await importJWK({ ...publicJwk, ...(d ? { d } : {}) }, algorithm),
            verifying: await importJWK(publicJwk, algorithm),
        }))
    );
    const of = (audience: Audience) => named.filter(({ kid }) => kid.startsWith(`${audience}-`));
    return { wallet: of("wallet"), sdk: of("sdk") };
}
