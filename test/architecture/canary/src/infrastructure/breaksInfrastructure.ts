export { tea } from "../domain/tea";
