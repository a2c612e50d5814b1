export { config } from "../../../infrastructure/config/index";
