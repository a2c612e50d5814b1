import { config } from "../config";
import { database, processName } from "../persistence/postgres";
import { PostgresBus } from "./PostgresBus";

export const messageBus = new PostgresBus(database, {
    connectionString: config.DATABASE_URL,
    name: processName,
});
