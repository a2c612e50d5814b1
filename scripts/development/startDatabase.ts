import { EmbeddedPostgres } from "@/infrastructure/embedded/EmbeddedPostgres";

/** The URL of a database of our own, durable, in this folder. */
export async function startDatabase(folder: string): Promise<string> {
    const postgres = await EmbeddedPostgres.start({ folder, isDurable: true });
    await postgres.createDatabase("commend");
    return postgres.url("commend");
}
