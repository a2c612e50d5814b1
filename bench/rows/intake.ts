import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import { database } from "@/infrastructure/persistence/postgres";
import { encode, load } from "../lib/load";
import { orderRequests } from "../lib/orders";
import type { Row } from "../lib/report";
import { startProcess } from "../lib/stage";
import { makeWorld, type World } from "../lib/world";

type Setting = { seconds: number; port: number; bare: Row; insert: Row };

const connections = 128;

/** What a caller waits for: until a delivery, or an arrival, is durable. Nothing is processed meanwhile. */
export async function intake({ seconds, port, bare, insert }: Setting): Promise<Row[]> {
    const world = await makeWorld(1);
    const server = await startProcess("src/index.ts", port, { ROLE: "api" });
    const measure = (next: () => Uint8Array) => load({ port, connections, seconds, next });
    const health = encode({ path: "/health", method: "GET" });
    await load({ port, connections, seconds: 1, next: orderRequests(world, 500) });

    const known = arrivals(world, 5_000);
    // Every browser comes once before: a first arrival through a link also makes a referral.
    await load({ port, connections, seconds: 8, next: known });

    const rows: Row[] = [
        {
            name: "our cheapest route (/health)",
            measured: await measure(() => health),
            floor: bare,
        },
        {
            name: "webhook → durable ack (10 kB)",
            measured: await measure(orderRequests(world, 2_000)),
            floor: insert,
            goal: "≥ 5,000/s, p99 < 50 ms, ≥ 3×",
        },
        {
            name: "arrival → durable, browsers we know",
            measured: await measure(known),
            floor: insert,
            goal: "≥ 20,000/s, p99 < 20 ms",
        },
        {
            name: "arrival → durable, a new browser and a referral each",
            measured: await measure(arrivals(world)),
            floor: insert,
        },
    ];
    await server.stop();
    await database.rows(sql`truncate webhook_deliveries`);
    return rows;
}

/** Through somebody's link, by one of so many browsers in turn, or by a new one each time. */
function arrivals({ merchantId, code }: World, browsers?: number): () => Uint8Array {
    const body = JSON.stringify({ merchantId, referralCode: code });
    const request = () =>
        encode({
            path: "/wallet/v1/track/arrival",
            headers: { "content-type": "application/json", "x-client-id": randomUUID() },
            body,
        });
    if (browsers === undefined) return request;
    const prepared = Array.from({ length: browsers }, request);
    let sent = 0;
    return () => prepared[sent++ % prepared.length] ?? request();
}
