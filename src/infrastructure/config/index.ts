import { readConfig } from "./readConfig";

/** The environment, read once. A wrong one stops the process before it starts. */
export const config = readConfig(process.env);
