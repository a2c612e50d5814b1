import { randomBytes } from "node:crypto";
import { InvalidError } from "@/utils/errors";
import { type ChallengeId, newId } from "@/utils/ids";
import { type Clock, later, minutes } from "@/utils/time";
import type { Challenge, ChallengeRepository } from "../repositories/ChallengeRepository";

export type Purpose = Challenge["purpose"];

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
    async issue(purpose: Purpose, consent: string | null = null): Promise<Challenge> {
        const challenge: Challenge = {
            id: newId(),
            purpose,
            challenge: Buffer.concat([Buffer.of(purposeTag[purpose]), randomBytes(32)]),
            rpId: this.rpId,
            userHandle: purpose === "register" ? randomBytes(32).toString("base64url") : null,
            consent,
            expiresAt: later(this.clock.now(), lifetimeMs),
        };
        await this.challenges.add(challenge);
        return challenge;
    }

    /** Takes it out before anything is verified: whatever comes of it, it is spent. */
    async redeem(id: ChallengeId, purpose: Purpose): Promise<Challenge> {
        const challenge = await this.challenges.take(id);
        const isGood =
            challenge?.purpose === purpose &&
            challenge.rpId === this.rpId &&
            challenge.expiresAt > this.clock.now();
        if (isGood) return challenge;
        throw new InvalidError(
            "CHALLENGE_INVALID",
            "This challenge is unknown, spent, expired or meant for something else; ask for a new one"
        );
    }
}
