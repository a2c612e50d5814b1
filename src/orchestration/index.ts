export { OrchestrationContext } from "./context";
export type { CustomEvent } from "./InteractionTrackingOrchestrator";
