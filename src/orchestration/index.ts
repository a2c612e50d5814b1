export { OrchestrationContext } from "./context";
export type { CustomEvent } from "./InteractionTrackingOrchestrator";
export type { SimulationAnswer, SimulationRequest } from "./SimulationOrchestrator";
