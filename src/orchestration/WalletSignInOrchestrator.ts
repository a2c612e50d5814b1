import type { AuthenticationResponseJSON, RegistrationResponseJSON } from "@simplewebauthn/server";
import type {
    Authenticator,
    ChallengeService,
    Device,
    IssuedSession,
    PasskeyService,
    SessionService,
} from "@/domain/auth";
import type { IdentityService, NodeKey } from "@/domain/identity";
import type { ChallengeId } from "@/utils/ids";
import type { WalletConnectionService } from "./WalletConnectionService";

export type SignedIn = { issued: IssuedSession; authenticator: Authenticator };
type Common = {
    challengeId: ChallengeId;
    /** The browser on a shop's page that signs in, whose past then is the wallet's. */
    client: NodeKey | undefined;
    device: Device;
};
export type NewPasskey = Common & { credential: RegistrationResponseJSON };
export type KnownPasskey = Common & { credential: AuthenticationResponseJSON };

type Visit = Pick<Common, "client" | "device"> & { isNew: boolean };

/** Somebody proves a passkey: they get a session of its wallet, and the wallet gets what was theirs already. */
export class WalletSignInOrchestrator {
    constructor(
        private readonly challenges: ChallengeService,
        private readonly passkeys: PasskeyService,
        private readonly sessions: SessionService,
        private readonly identities: IdentityService,
        private readonly connections: WalletConnectionService
    ) {}

    async register({ challengeId, credential, client, device }: NewPasskey): Promise<SignedIn> {
        const challenge = await this.challenges.redeem(challengeId, "register");
        const authenticator = await this.passkeys.register({ challenge, credential, device });
        return this.signIn(authenticator, { client, device, isNew: true });
    }

    async login({ challengeId, credential, client, device }: KnownPasskey): Promise<SignedIn> {
        const challenge = await this.challenges.redeem(challengeId, "login");
        const authenticator = await this.passkeys.login({ challenge, credential });
        return this.signIn(authenticator, { client, device, isNew: false });
    }

    private async signIn(authenticator: Authenticator, visit: Visit): Promise<SignedIn> {
        const { wallet, credentialId } = authenticator;
        await this.bringTogether({ wallet, credentialId }, visit);
        const { userAgent } = visit.device;
        const issued = await this.sessions.open({ wallet, credentialId, userAgent });
        return { issued, authenticator };
    }

    /** A shared browser may be another wallet's already: then it stays theirs, and the sign-in is good all the same. */
    private async bringTogether(
        evidence: Pick<Authenticator, "wallet" | "credentialId">,
        { client, isNew }: Visit
    ): Promise<void> {
        const wallet = this.identities.keyOf({ kind: "wallet", wallet: evidence.wallet });
        // Who comes back on a device of their own has nothing new to bring together.
        if (!client && (await this.identities.isKnown(wallet))) return;
        const alone = { reason: "signIn", evidence, wallet: wallet.lookup, isNew };
        const keys = client ? [wallet, client] : [wallet];
        const merchantId = client?.merchantId;
        const united = await this.connections.connect({ ...alone, keys, merchantId });
        if (united === "walletConflict") {
            await this.connections.connect({ ...alone, keys: [wallet], merchantId: undefined });
        }
    }
}
