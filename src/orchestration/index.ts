export { OrchestrationContext } from "./context";
