export { IdentityContext } from "./context";
export type { IdentityRepository, NodeKey } from "./repositories/IdentityRepository";
export type { IdentityService } from "./services/IdentityService";
