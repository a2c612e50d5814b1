import { shopifyOrder } from "@/api/demo/shopifyOrder";
import { freePort } from "@/infrastructure/embedded/freePort";
import { encode, load } from "../lib/load";
import type { Row } from "../lib/report";
import { startProcess } from "../lib/stage";

const connections = 64;
const headers = { "content-type": "application/json" };

/** A route that does nothing, and one that does a single durable INSERT of a 10 kB order per request. */
export async function floors(seconds: number): Promise<[Row, Row]> {
    const port = await freePort();
    const server = await startProcess("bench/floor.ts", port);
    const bare = encode({ path: "/bare", headers, body: "{}" });
    const insert = encode({ path: "/insert", headers, body: shopifyOrder({ id: "1" }) });
    const rows: [Row, Row] = [
        {
            name: "floor: bare route",
            measured: await load({ port, connections, seconds, next: () => bare }),
        },
        {
            name: "floor: one INSERT a request",
            measured: await load({ port, connections, seconds, next: () => insert }),
        },
    ];
    await server.stop();
    return rows;
}
