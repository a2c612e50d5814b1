import { randomBytes } from "node:crypto";
import type { Address } from "viem";
import { InvalidError } from "@/utils/errors";
import { type ChallengeId, newId } from "@/utils/ids";
import { type Clock, later, minutes } from "@/utils/time";
import type { Challenge, ChallengeRepository } from "../repositories/ChallengeRepository";

export type Purpose = Challenge["purpose"];
/** Whose further passkey is to be made, and the handle that they are known by to their authenticators. */
export type Holder = { wallet: Address; userHandle: string };
/** What a challenge is tied to: a wallet's further passkey, or the words that are agreed to by signing it. */
export type About = { holder?: Holder | undefined; consent?: string };

const purposeTag: Record<Purpose, number> = {
    register: 1,
    login: 2,
    stepUp: 3,
    walletMerge: 4,
};
const lifetimeMs = minutes(5);

export class ChallengeService {
    constructor(
        private readonly challenges: ChallengeRepository,
        private readonly rpId: string,
        private readonly clock: Clock
    ) {}

    /**
     * A purpose tag and 32 random bytes. Never 32 bytes in all: an assertion over 32 bytes that equal the
     * hash of a user operation would be a valid signature of that operation on chain.
     */
    async issue(purpose: Purpose, { holder, consent }: About = {}): Promise<Challenge> {
        const challenge: Challenge = {
            id: newId(),
            purpose,
            challenge: Buffer.concat([Buffer.of(purposeTag[purpose]), randomBytes(32)]),
            rpId: this.rpId,
            userHandle: purpose === "register" ? (holder?.userHandle ?? newHandle()) : null,
            wallet: holder?.wallet ?? null,
            consent: consent ?? null,
            expiresAt: later(this.clock.now(), lifetimeMs),
        };
        await this.challenges.add(challenge);
        return challenge;
    }

    /**
     * Takes it out before anything is verified: whatever comes of it, it is spent. One that was made for a
     * wallet is good for that wallet alone. Throws `CHALLENGE_INVALID`.
     */
    async redeem(id: ChallengeId, purpose: Purpose, wallet?: Address): Promise<Challenge> {
        const challenge = await this.challenges.take(id);
        const isGood =
            challenge?.purpose === purpose &&
            challenge.rpId === this.rpId &&
            (challenge.wallet === null || challenge.wallet === wallet) &&
            challenge.expiresAt > this.clock.now();
        if (isGood) return challenge;
        throw new InvalidError(
            "CHALLENGE_INVALID",
            "This challenge is unknown, spent, expired or meant for something else; ask for a new one"
        );
    }
}

const newHandle = (): string => randomBytes(32).toString("base64url");
