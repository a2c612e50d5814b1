/** `bun run db:migrate`: brings the database of `DATABASE_URL` up to the code, forward only. */
import { config } from "@/infrastructure/config";
import { migrate } from "@/infrastructure/persistence/migrate";

await migrate(config.DATABASE_URL);
process.exit(0);
