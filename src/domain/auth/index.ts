export { AuthContext } from "./context";
export type { Authenticator } from "./repositories/AuthenticatorStore";
export type { Challenge } from "./repositories/ChallengeRepository";
export type { ApiKey } from "./services/ApiKeyService";
export type { ChallengeService } from "./services/ChallengeService";
export type { IssuedChallenge } from "./services/CredentialService";
export type { Device, PasskeyService } from "./services/PasskeyService";
export type {
    IssuedSession,
    Session,
    SessionService,
} from "./services/SessionService";
export type { SsoAsking, SsoRequest, SsoService } from "./services/SsoService";
