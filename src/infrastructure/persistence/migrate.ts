import { fileURLToPath } from "node:url";
import { drizzle } from "drizzle-orm/node-postgres";
import { migrate as applyMigrations } from "drizzle-orm/node-postgres/migrator";
import { runMigrations as applyQueueMigrations } from "graphile-worker";
import { Client } from "pg";
import { queueLogger } from "../queue/queueLogger";

const migrationsFolder = fileURLToPath(new URL("../../../drizzle", import.meta.url));
/** Any number that nobody else locks: drizzle takes no lock of its own, so two processes would collide. */
const migrationLock = 7_316_001;

/** Brings the database up to the code, forward only. Safe to run from several processes at once. */
export async function migrate(connectionString: string): Promise<void> {
    const client = new Client({ connectionString });
    await client.connect();
    try {
        await client.query("select pg_advisory_lock($1)", [migrationLock]);
        await applyMigrations(drizzle(client), { migrationsFolder });
        await applyQueueMigrations({ connectionString, logger: queueLogger });
    } finally {
        await client.end();
    }
}
