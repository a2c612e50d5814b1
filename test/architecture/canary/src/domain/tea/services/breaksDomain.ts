export { flow } from "../../../orchestration/FirstOrchestrator";
