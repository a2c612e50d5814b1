export { route } from "../api/route";
