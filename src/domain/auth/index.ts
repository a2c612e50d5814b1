export { AuthContext } from "./context";
export type { Authenticator } from "./repositories/AuthenticatorStore";
export type { ApiKey } from "./services/ApiKeyService";
export type { ChallengeService } from "./services/ChallengeService";
export type { Device, PasskeyService } from "./services/PasskeyService";
export type {
    IssuedSession,
    Session,
    SessionService,
} from "./services/SessionService";
