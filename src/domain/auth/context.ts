import { isSignedBy, passkeyWalletAddress } from "@/infrastructure/blockchain";
import { messageBus } from "@/infrastructure/bus";
import { config } from "@/infrastructure/config";
import { MongoConnection } from "@/infrastructure/persistence/MongoConnection";
import { database } from "@/infrastructure/persistence/postgres";
import { systemClock } from "@/utils/time";
import { ApiKeyRepository } from "./repositories/ApiKeyRepository";
import type { AuthenticatorStore } from "./repositories/AuthenticatorStore";
import { ChallengeRepository } from "./repositories/ChallengeRepository";
import { MongoAuthenticatorRepository } from "./repositories/MongoAuthenticatorRepository";
import { PostgresAuthenticatorRepository } from "./repositories/PostgresAuthenticatorRepository";
import { SessionRepository } from "./repositories/SessionRepository";
import { SsoRepository } from "./repositories/SsoRepository";
import { ApiKeyService } from "./services/ApiKeyService";
import { ChallengeService } from "./services/ChallengeService";
import { CredentialService } from "./services/CredentialService";
import { LivenessService } from "./services/LivenessService";
import { PasskeyService } from "./services/PasskeyService";
import { SessionService } from "./services/SessionService";
import { SiweService } from "./services/SiweService";
import { SsoService } from "./services/SsoService";
import { TokenService } from "./services/TokenService";

const relyingParty = {
    id: config.WEBAUTHN_RP_ID,
    name: config.WEBAUTHN_RP_NAME,
    origins: config.WEBAUTHN_ORIGINS,
};
const authenticators: AuthenticatorStore = config.MONGODB_URI
    ? new MongoAuthenticatorRepository(
          new MongoConnection(config.MONGODB_URI, MongoAuthenticatorRepository.prepare)
      )
    : new PostgresAuthenticatorRepository(database);
const challenges = new ChallengeRepository(database);
const sessions = new SessionRepository(database);
const ssoRequests = new SsoRepository(database);
const tokens = new TokenService(config.JWT_KEYS, config.PUBLIC_URL, systemClock);
const challengeService = new ChallengeService(challenges, config.WEBAUTHN_RP_ID, systemClock);
const passkeys = new PasskeyService(
    authenticators,
    relyingParty,
    passkeyWalletAddress,
    systemClock
);
const liveness = new LivenessService(database, sessions, messageBus, systemClock);
const sessionService = new SessionService(database, sessions, tokens, liveness, systemClock);

export const AuthContext = {
    repositories: { authenticators, challenges, sessions, ssoRequests },
    services: {
        apiKeys: new ApiKeyService(new ApiKeyRepository(database), systemClock),
        challenges: challengeService,
        credentials: new CredentialService(challengeService, passkeys, sessionService),
        passkeys,
        sessions: sessionService,
        sso: new SsoService(database, ssoRequests, sessionService, systemClock),
        siwe: new SiweService(
            challenges,
            { origins: config.DASHBOARD_ORIGINS, chainId: config.CHAIN_ID },
            isSignedBy,
            systemClock
        ),
    },
} as const;
