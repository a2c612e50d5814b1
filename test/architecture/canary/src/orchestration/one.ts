export { two } from "./two"; export const one = 1;
