import type { AuthenticationResponseJSON } from "@simplewebauthn/server";
import type { Address } from "viem";
import type { Challenge, ChallengeService, PasskeyService } from "@/domain/auth";
import type { IdentityService } from "@/domain/identity";
import { InvalidError } from "@/utils/errors";
import type { ChallengeId } from "@/utils/ids";
import type { IdentityMergeService } from "./IdentityMergeService";

export type WalletPair = {
    /** The wallet that the person goes on with. */
    into: Address;
    from: Address;
};
export type Consent = {
    challengeId: ChallengeId;
    /** Who is signed in; only they may go on with theirs. */
    into: Address;
    answers: { into: AuthenticationResponseJSON; from: AuthenticationResponseJSON };
};

/**
 * Two wallets turn out to be one person's, who says so with a passkey of each. Identifiers, purchases and what is
 * owed become the one's; what is on its way or on chain stays the other's.
 */
export class WalletMergeOrchestrator {
    constructor(
        private readonly challenges: ChallengeService,
        private readonly passkeys: PasskeyService,
        private readonly identities: IdentityService,
        private readonly people: IdentityMergeService
    ) {}

    /** What both passkeys are to sign. It names both wallets, and which one stays. */
    async ask(pair: WalletPair): Promise<Challenge> {
        if (pair.into === pair.from) {
            throw new InvalidError("SAME_WALLET", "A wallet is one with itself already");
        }
        const consent = JSON.stringify([pair.into, pair.from]);
        return this.challenges.issue("walletMerge", { consent });
    }

    /** Throws `CHALLENGE_INVALID`, and as a login does for either passkey. False when they are one already. */
    async merge({ challengeId, into, answers }: Consent): Promise<boolean> {
        const challenge = await this.challenges.redeem(challengeId, "walletMerge");
        const { from } = agreedIn(challenge, into);
        const kept = await this.passkeys.confirm(into, { challenge, credential: answers.into });
        const given = await this.passkeys.confirm(from, { challenge, credential: answers.from });
        return this.people.uniteWallets({
            into: this.identities.keyOf({ kind: "wallet", wallet: into }),
            from: this.identities.keyOf({ kind: "wallet", wallet: from }),
            reason: "walletMerge",
            evidence: {
                challengeId,
                into: kept.credentialId,
                from: given.credentialId,
                wallets: { into, from },
            },
        });
    }
}

function agreedIn({ consent }: Challenge, signedIn: Address): WalletPair {
    const [into, from] = JSON.parse(consent ?? "[]") as Address[];
    if (into === signedIn && from) return { into, from };
    throw new InvalidError("CHALLENGE_INVALID", "This challenge was made for another wallet");
}
