import type { AuthenticationResponseJSON, RegistrationResponseJSON } from "@simplewebauthn/server";
import { ForbiddenError, NotFoundError } from "@/utils/errors";
import type { ChallengeId } from "@/utils/ids";
import type { Authenticator } from "../repositories/AuthenticatorStore";
import type { Challenge } from "../repositories/ChallengeRepository";
import type { Session } from "../repositories/SessionRepository";
import type { ChallengeService, Purpose } from "./ChallengeService";
import type { Device, PasskeyService } from "./PasskeyService";
import type { SessionService } from "./SessionService";

export type IssuedChallenge = { challenge: Challenge; passkeys: Authenticator[] };
type Addition = { challengeId: ChallengeId; credential: RegistrationResponseJSON; device: Device };
type Confirmation = { challengeId: ChallengeId; credential: AuthenticationResponseJSON };

/** The passkeys of a wallet, for somebody who is signed in to it with one of them. */
export class CredentialService {
    constructor(
        private readonly challenges: ChallengeService,
        private readonly passkeys: PasskeyService,
        private readonly sessions: SessionService
    ) {}

    /** For a signed-in holder it is about their wallet, whose passkeys come with it. */
    async challenge(purpose: Purpose, session?: Session): Promise<IssuedChallenge> {
        if (!session) return { challenge: await this.challenges.issue(purpose), passkeys: [] };
        const { subject: wallet } = session;
        const passkeys = await this.passkeys.list(wallet);
        const [first] = passkeys;
        const holder = first && { wallet, userHandle: first.userHandle };
        return { challenge: await this.challenges.issue(purpose, { holder }), passkeys };
    }

    /** Until when the session may do what cannot be undone. Throws as `PasskeyService.login` does. */
    async stepUp(session: Session, { challengeId, credential }: Confirmation): Promise<Date> {
        this.assertOwnPasskey(session);
        const challenge = await this.challenges.redeem(challengeId, "stepUp", session.subject);
        await this.getOwn(session, credential.id);
        await this.passkeys.login({ challenge, credential });
        return this.sessions.stepUp(session);
    }

    /** Throws `PASSKEY_SESSION_REQUIRED` or `STEP_UP_REQUIRED`. */
    async assertSteppedUp(session: Session): Promise<void> {
        this.assertOwnPasskey(session);
        await this.sessions.assertSteppedUp(session);
    }

    /** A paired device borrows a passkey, and manages none. Throws `PASSKEY_SESSION_REQUIRED`. */
    assertOwnPasskey({ kind }: Session): void {
        if (kind === "wallet") return;
        const message = "This takes a device with its own passkey";
        throw new ForbiddenError("PASSKEY_SESSION_REQUIRED", message);
    }

    async add({ subject: wallet }: Session, addition: Addition): Promise<Authenticator> {
        const { challengeId, credential, device } = addition;
        const challenge = await this.challenges.redeem(challengeId, "register", wallet);
        return this.passkeys.register({ challenge, credential, device, wallet });
    }

    /** Ends its sessions, too: also those that were opened while it went. Throws `LAST_CREDENTIAL`. */
    async remove({ subject: wallet }: Session, credentialId: string): Promise<void> {
        await this.passkeys.assertRemovable(wallet, credentialId);
        await this.sessions.revokeOfCredential(credentialId);
        await this.passkeys.remove(wallet, credentialId);
        await this.sessions.revokeOfCredential(credentialId);
    }

    private async getOwn({ subject }: Session, credentialId: string): Promise<void> {
        const { wallet } = await this.passkeys.get(credentialId);
        if (wallet === subject) return;
        throw new NotFoundError("CREDENTIAL_UNKNOWN", "This passkey is not one of this wallet");
    }
}
