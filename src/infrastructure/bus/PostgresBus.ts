import { sql } from "drizzle-orm";
import { Client } from "pg";
import { log } from "../observability/log";
import type { Database } from "../persistence/Database";
import type { MessageBus, Subscriber } from "./MessageBus";

type Options = { connectionString: string; name: string };

const channel = "commend";
const maxBytes = 7_900;
const retryMs = { first: 100, most: 5_000 };

/**
 * The bus on PostgreSQL's LISTEN/NOTIFY: a message is part of the transaction that publishes it. It listens on
 * a connection of its own, because a pooler in transaction mode would not keep one for it, and begins anew
 * whenever that breaks.
 */
export class PostgresBus implements MessageBus {
    private readonly subscribers = new Map<string, Set<Subscriber>>();
    private client: Client | undefined;
    private retry: ReturnType<typeof setTimeout> | undefined;
    private failures = 0;
    private isStarted = false;

    constructor(
        private readonly db: Database,
        private readonly options: Options
    ) {}

    async publish(topic: string, message: string): Promise<void> {
        const payload = `${topic} ${message}`;
        if (Buffer.byteLength(payload) > maxBytes)
            throw new Error(`Too long for the bus: ${topic}`);
        await this.db.current.execute(sql`select pg_notify(${channel}, ${payload})`);
    }

    subscribe(topic: string, subscriber: Subscriber): () => void {
        const others = this.subscribers.get(topic) ?? new Set();
        this.subscribers.set(topic, others.add(subscriber));
        return () => void others.delete(subscriber);
    }

    /** Listens from now on, or as soon as the database can be reached. */
    async start(): Promise<void> {
        this.isStarted = true;
        await this.connect();
    }

    async stop(): Promise<void> {
        this.isStarted = false;
        clearTimeout(this.retry);
        const { client } = this;
        this.client = undefined;
        await client?.end();
    }

    private async connect(): Promise<void> {
        const { connectionString, name } = this.options;
        const client = new Client({
            connectionString,
            application_name: name,
            connectionTimeoutMillis: 5_000,
            keepAlive: true,
        });
        this.client = client;
        client.on("error", (error) => this.lose(client, error));
        client.on("end", () => this.lose(client));
        client.on("notification", ({ payload = "" }) => this.deliver(payload));
        try {
            await client.connect();
            await client.query(`listen ${channel}`);
        } catch (error) {
            this.lose(client, error);
            return;
        }
        this.failures = 0;
        for (const topic of this.subscribers.keys()) this.tell(topic, (one) => one.onGap());
    }

    private lose(client: Client, error?: unknown): void {
        if (this.client !== client) return;
        this.client = undefined;
        client.end().catch(() => undefined);
        if (!this.isStarted) return;
        if (this.failures === 0) log.warn({ err: error }, "the message bus is down");
        const wait = Math.min(retryMs.first * 2 ** this.failures++, retryMs.most);
        this.retry = setTimeout(() => void this.connect(), wait);
    }

    private deliver(payload: string): void {
        const end = payload.indexOf(" ");
        this.tell(payload.slice(0, end), (one) => one.onMessage(payload.slice(end + 1)));
    }

    private tell(topic: string, what: (subscriber: Subscriber) => void): void {
        for (const subscriber of this.subscribers.get(topic) ?? []) {
            try {
                what(subscriber);
            } catch (error) {
                log.error({ err: error, topic }, "a listener of the message bus failed");
            }
        }
    }
}
