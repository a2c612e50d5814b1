import { database } from "../persistence/postgres";
import { Queue } from "./Queue";

export const queue = new Queue(database);
