import { systemClock } from "@/utils/time";
import { secretBox } from "../keys";
import { database } from "../persistence/postgres";
import { IdempotencyStore } from "./IdempotencyStore";

export const idempotency = new IdempotencyStore(database, secretBox, systemClock);
