import { isSignedBy, passkeyWalletAddress } from "@/infrastructure/blockchain";
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
import { ApiKeyService } from "./services/ApiKeyService";
import { ChallengeService } from "./services/ChallengeService";
import { PasskeyService } from "./services/PasskeyService";
import { SessionService } from "./services/SessionService";
import { SiweService } from "./services/SiweService";
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
const tokens = new TokenService(config.JWT_KEYS, config.PUBLIC_URL, systemClock);

export const AuthContext = {
    repositories: { authenticators, challenges, sessions },
    services: {
        apiKeys: new ApiKeyService(new ApiKeyRepository(database), systemClock),
        challenges: new ChallengeService(challenges, config.WEBAUTHN_RP_ID, systemClock),
        passkeys: new PasskeyService(
            authenticators,
            relyingParty,
            passkeyWalletAddress,
            systemClock
        ),
        sessions: new SessionService(database, sessions, tokens, systemClock),
        siwe: new SiweService(
            challenges,
            { origins: config.DASHBOARD_ORIGINS, chainId: config.CHAIN_ID },
            isSignedBy,
            systemClock
        ),
    },
} as const;
