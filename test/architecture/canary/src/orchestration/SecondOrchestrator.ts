export { flow } from "./FirstOrchestrator";
