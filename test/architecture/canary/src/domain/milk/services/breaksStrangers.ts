export { tea } from "../../tea";
