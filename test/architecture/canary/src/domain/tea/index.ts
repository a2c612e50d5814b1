export { tea } from "./context";
