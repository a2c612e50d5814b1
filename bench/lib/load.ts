import type { Socket } from "bun";

export type LoadRequest = {
    path: string;
    method?: string;
    headers?: Record<string, string>;
    body?: string;
};
export type Load = {
    port: number;
    connections: number;
    seconds: number;
    /** The request to send next; prepared beforehand where making one costs much. */
    next: () => Uint8Array;
};
export type Measured = {
    requests: number;
    perSecond: number;
    p50: number;
    p99: number;
    failed: number;
};

type Connection = { sentAt: number; head: string; missing: number };

/** One HTTP/1.1 request as bytes. */
export function encode({
    path,
    method = "POST",
    headers = {},
    body = "",
}: LoadRequest): Uint8Array {
    const bytes = Buffer.from(body);
    const lines = Object.entries({ ...headers, "content-length": String(bytes.length) });
    const head = lines.map(([name, value]) => `${name}: ${value}`).join("\r\n");
    return Buffer.concat([
        Buffer.from(`${method} ${path} HTTP/1.1\r\nhost: localhost\r\n${head}\r\n\r\n`),
        bytes,
    ]);
}

/**
 * Keeps so many connections busy, each with one request at a time, and measures how long each waits for its
 * answer. Written for this: a general client would be the bottleneck of the measurement.
 */
export async function load({ port, connections, seconds, next }: Load): Promise<Measured> {
    const latencies: number[] = [];
    let failed = 0;
    let isOver = false;
    const send = (socket: Socket<Connection>) => {
        socket.data = { sentAt: performance.now(), head: "", missing: -1 };
        socket.write(next());
    };
    const finish = (socket: Socket<Connection>) => {
        latencies.push(performance.now() - socket.data.sentAt);
        if (!socket.data.head.startsWith("HTTP/1.1 2")) failed++;
        if (isOver) socket.end();
        else send(socket);
    };
    const sockets = await Promise.all(
        Array.from({ length: connections }, () =>
            Bun.connect<Connection>({
                hostname: "127.0.0.1",
                port,
                socket: {
                    open: send,
                    data(socket, chunk) {
                        if (isComplete(socket.data, chunk)) finish(socket);
                    },
                    error: () => void failed++,
                },
            })
        )
    );
    const startedAt = performance.now();
    await Bun.sleep(seconds * 1_000);
    isOver = true;
    const elapsed = (performance.now() - startedAt) / 1_000;
    await Bun.sleep(200);
    for (const socket of sockets) socket.end();
    return summary(latencies, elapsed, failed);
}

function isComplete(state: Connection, chunk: Buffer): boolean {
    if (state.missing < 0) {
        state.head += chunk.toString("latin1");
        const end = state.head.indexOf("\r\n\r\n");
        if (end < 0) return false;
        const [, length = "0"] = /content-length: (\d+)/i.exec(state.head) ?? [];
        state.missing = Number(length) - (state.head.length - end - 4);
    } else state.missing -= chunk.length;
    return state.missing <= 0;
}

export function summary(latencies: number[], elapsed: number, failed: number): Measured {
    const sorted = latencies.toSorted((a, b) => a - b);
    const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
    return {
        requests: sorted.length,
        perSecond: sorted.length / elapsed,
        p50: at(0.5),
        p99: at(0.99),
        failed,
    };
}
