export { IdentityContext } from "./context";
export type { ErasureScope, IdentityRepository, NodeKey } from "./repositories/IdentityRepository";
export type { Erasure, ErasureService, Traces } from "./services/ErasureService";
export type { HandoverKind, HandoverService, Issued } from "./services/HandoverService";
export type { IdentityService } from "./services/IdentityService";
export type { CodeMail, MailCodeService } from "./services/MailCodeService";
export type { PersonalValueService } from "./services/PersonalValueService";
