import { randomBytes } from "node:crypto";
import type { SiweMessage } from "siwe";
import { type Address, getAddress, type Hex } from "viem";
import { generateSiweNonce } from "viem/siwe";
import { equalBytes } from "@/infrastructure/crypto/equalBytes";
import { secretHash } from "@/infrastructure/crypto/secretHash";
import { UnauthenticatedError } from "@/utils/errors";
import { type Clock, later, minutes } from "@/utils/time";
import type { ChallengeRepository } from "../repositories/ChallengeRepository";

export type SiweSettings = { origins: string[]; chainId: number };
/** Whether an address signed a message: ERC-6492, ERC-1271, then a plain key. Asks the chain. */
export type SignatureCheck = (signed: {
    address: Address;
    message: string;
    signature: Hex;
}) => Promise<boolean>;
export type SiweChallenge = {
    nonce: string;
    /** Ties the nonce to the browser that asked: it goes into a cookie and must come back with the login. */
    browserSecret: string;
    domain: string;
    uri: string;
    chainId: number;
    expiresAt: Date;
};

const nonceLifetimeMs = minutes(5);

/** Sign-In with Ethereum (EIP-4361), read strictly: what the libraries leave open is closed here. */
export class SiweService {
    constructor(
        private readonly challenges: ChallengeRepository,
        private readonly settings: SiweSettings,
        private readonly isSignedBy: SignatureCheck,
        private readonly clock: Clock
    ) {}

    async challenge(origin: string | undefined): Promise<SiweChallenge> {
        const { origins, chainId } = this.settings;
        const uri = origins.find((known) => known === origin) ?? origins[0] ?? "";
        const browserSecret = randomBytes(32).toString("base64url");
        const nonce = generateSiweNonce().slice(0, 32);
        const expiresAt = later(this.clock.now(), nonceLifetimeMs);
        await this.challenges.addNonce({
            nonce,
            browserHash: secretHash(browserSecret),
            expiresAt,
        });
        return { nonce, browserSecret, domain: new URL(uri).host, uri, chainId, expiresAt };
    }

    /**
     * The wallet that signed the message. Throws `NONCE_INVALID` when the nonce is not ours, was used, or
     * was given to another browser; `SIWE_INVALID` for every other fault.
     */
    async verify(
        text: string,
        signature: Hex,
        browserSecret: string | undefined
    ): Promise<Address> {
        const message = await parse(text);
        await this.redeem(message.nonce, browserSecret);
        this.assertMeantForUs(message);
        const address = getAddress(message.address);
        if (await this.isSignedBy({ address, message: text, signature })) return address;
        throw siweInvalid("The signature is not of this address");
    }

    private async redeem(nonce: string, browserSecret: string | undefined): Promise<void> {
        const taken = await this.challenges.takeNonce(nonce, this.clock.now());
        const isTheirs = equalBytes(
            Buffer.from(taken?.browserHash ?? ""),
            Buffer.from(secretHash(browserSecret ?? ""))
        );
        if (taken && isTheirs) return;
        throw new UnauthenticatedError(
            "NONCE_INVALID",
            "This nonce is unknown, used, expired or another browser's; ask for a new one"
        );
    }

    private assertMeantForUs(message: SiweMessage): void {
        const { origins, chainId } = this.settings;
        const now = this.clock.now().getTime();
        const issuedAt = Date.parse(message.issuedAt ?? "");
        const expiresAt = Date.parse(message.expirationTime ?? "9999-12-31");
        const notBefore = Date.parse(message.notBefore ?? "1970-01-01");
        const origin = origins.find((known) => new URL(known).host === message.domain);
        const faults = [
            [!origin, "Its domain is not the dashboard's"],
            [!origin || !isWithin(message.uri, origin), "Its URI is not the dashboard's"],
            [message.chainId !== chainId, "Its chain is not ours"],
            [message.version !== "1", "Its version is not 1"],
            [!(issuedAt <= now && issuedAt > now - nonceLifetimeMs), "It was not issued just now"],
            [!(expiresAt > now && notBefore <= now), "It is not valid at this time"],
        ] as const;
        const fault = faults.find(([isFault]) => isFault);
        if (fault) throw siweInvalid(fault[1]);
    }
}

/** The library takes a while to load, so it is loaded only where somebody signs in. */
async function parse(text: string): Promise<SiweMessage> {
    const { SiweMessage } = await import("siwe");
    try {
        return new SiweMessage(text);
    } catch (cause) {
        throw siweInvalid("It is not a SIWE message", cause);
    }
}

function isWithin(uri: string, origin: string): boolean {
    try {
        return new URL(uri).origin === origin;
    } catch {
        return false;
    }
}

const siweInvalid = (fault: string, cause?: unknown) =>
    new UnauthenticatedError("SIWE_INVALID", `The sign-in message was refused: ${fault}`, {
        cause,
    });
