import type { Db, MongoClient } from "mongodb";
import { UnavailableError } from "@/utils/errors";

const selectionTimeoutMs = 2_000;
/** A server that vanished without a word would be waited for without end. */
const answerTimeoutMs = 5_000;
const retryAfterSeconds = 5;

/**
 * MongoDB, connected when it is first needed. The driver's client is of no more use after it failed to
 * find a server, so the next call begins with a new one.
 */
export class MongoConnection {
    private client: Promise<MongoClient> | undefined;

    /** `prepare` runs on every new connection: it makes the indexes that the work relies on. */
    constructor(
        private readonly uri: string,
        private readonly prepare: (db: Db) => Promise<unknown>
    ) {}

    /** Work on the database that the URI names. A server out of reach is `MONGODB_UNAVAILABLE`, within two seconds; one that falls silent, within seven. */
    async run<T>(work: (db: Db) => Promise<T>): Promise<T> {
        const client = this.connected();
        try {
            return await inTime(client.then((one) => work(one.db())));
        } catch (cause) {
            if (!isOutage(cause)) throw cause;
            this.forget(client);
            throw new UnavailableError("MONGODB_UNAVAILABLE", "Passkeys are out of reach for now", {
                cause,
                retryAfterSeconds,
            });
        }
    }

    async close(): Promise<void> {
        if (this.client) await inTime(this.client.then((one) => one.close()));
    }

    private connected(): Promise<MongoClient> {
        if (this.client) return this.client;
        const client = this.connect();
        this.client = client;
        client.catch(() => this.forget(client));
        return client;
    }

    /** Closed as well, or it would go on looking for its server for ever. Another may have taken its place by now. */
    private forget(client: Promise<MongoClient>): void {
        if (this.client === client) this.client = undefined;
        client.then((one) => one.close()).catch(() => undefined);
    }

    /** The driver takes a while to load, so it is loaded only where it is used. */
    private async connect(): Promise<MongoClient> {
        const { MongoClient } = await import("mongodb");
        const client = new MongoClient(this.uri, {
            serverSelectionTimeoutMS: selectionTimeoutMs,
            connectTimeoutMS: selectionTimeoutMs,
            socketTimeoutMS: answerTimeoutMs,
        });
        await client.connect();
        await this.prepare(client.db());
        return client;
    }
}

/** The driver has its own limits, but one answer that never came would hold up its caller for ever. */
class OverdueError extends Error {}

function inTime<T>(answer: Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const ms = selectionTimeoutMs + answerTimeoutMs;
    const timer = setTimeout(() => reject(new OverdueError("MongoDB did not answer")), ms);
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
    return promise;
}

function isOutage(error: unknown): boolean {
    if (error instanceof OverdueError) return true;
    const { name = "" } = (error ?? {}) as { name?: string };
    return /^Mongo(ServerSelection|Network|NetworkTimeout|TopologyClosed|NotConnected)/.test(name);
}
