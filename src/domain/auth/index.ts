export { AuthContext } from "./context";
export type { Authenticator } from "./repositories/AuthenticatorStore";
export type { Challenge } from "./repositories/ChallengeRepository";
export type { ChallengeService } from "./services/ChallengeService";
export type { Device, PasskeyService } from "./services/PasskeyService";
export type {
    IssuedSession,
    Session,
    SessionService,
} from "./services/SessionService";
