export { OrchestrationContext } from "./context";
export type { SimulationAnswer, SimulationRequest } from "./SimulationOrchestrator";
