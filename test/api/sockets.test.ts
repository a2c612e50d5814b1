import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

vi.hoisted(() => {
    process.env["RATE_LIMITS"] = "publicLists=2";
    process.env["TRUSTED_PROXIES"] = "127.0.0.1";
});

import { createApp } from "@/app";
import { newId } from "@/utils/ids";
import { answerOf } from "../fixtures/api";

/** What only a real connection shows: its address, and bytes that no client library would send. */
const app = createApp();
let port: number;
beforeAll(() => {
    app.listen({ port: 0 });
    port = app.server?.port ?? 0;
});
afterAll(() => app.stop(true));

const get = async (host: string, path: string, headers: Record<string, string> = {}) =>
    answerOf(await fetch(`http://${host}:${port}${path}`, { headers }));
const statuses = async (count: number, again: () => ReturnType<typeof get>) => {
    const answers: number[] = [];
    for (let index = 0; index < count; index++) answers.push((await again()).status);
    return answers;
};

/** Bytes as they are, and all that comes back until the server hangs up. */
async function raw(text: string): Promise<string> {
    const socket = connect(port, "127.0.0.1");
    let answer = "";
    socket.on("data", (bytes) => {
        answer += bytes;
    });
    socket.write(text);
    await once(socket, "close");
    return answer;
}
const request = (lines: string[], body = "") =>
    raw(`${[...lines, "Connection: close", "", ""].join("\r\n")}${body}`);

describe("the address that a limit counts", () => {
    test("is what a trusted proxy says, each on its own", async () => {
        const from = (address: string) => () =>
            get("127.0.0.1", "/common/v1/version", { "x-forwarded-for": address });
        expect(await statuses(3, from("198.51.100.1"))).toEqual([200, 200, 429]);
        expect(await statuses(3, from("198.51.100.2"))).toEqual([200, 200, 429]);
    });

    test("is the same with and without a version", async () => {
        const from = (path: string) =>
            get("127.0.0.1", path, { "x-forwarded-for": "198.51.100.3" });
        expect((await from("/common/version")).status).toBe(200);
        expect((await from("/common/v1/version")).status).toBe(200);
        expect((await from("/common/version")).status).toBe(429);
    });

    test("is the peer's own when that is no trusted proxy, whatever it says", async () => {
        let count = 0;
        const pretending = () =>
            get("[::1]", "/common/v1/version", { "x-forwarded-for": `198.51.100.${++count}` });
        expect(await statuses(3, pretending)).toEqual([200, 200, 429]);
    });
});

describe("what no client library sends", () => {
    test.each([
        ["an empty host", ["GET /health HTTP/1.1", "Host: "]],
        ["a host that is none", ["GET /health HTTP/1.1", "Host: a b c"]],
        ["the address of somebody else", ["GET http://evil.example/health HTTP/1.1", "Host: "]],
        [
            "a length that is none",
            ["POST /wallet/v1/auth/challenge HTTP/1.1", "Host: x", "Content-Length: tea"],
        ],
        [
            "a length beyond all numbers",
            [
                "POST /wallet/v1/auth/challenge HTTP/1.1",
                "Host: x",
                `Content-Length: ${"9".repeat(30)}`,
            ],
        ],
        [
            "two lengths",
            [
                "POST /wallet/v1/auth/challenge HTTP/1.1",
                "Host: x",
                "Content-Length: 2",
                "Content-Length: 3",
            ],
        ],
        [
            "two ways to say where it ends",
            [
                "POST /wallet/v1/auth/challenge HTTP/1.1",
                "Host: x",
                "Content-Length: 2",
                "Transfer-Encoding: chunked",
            ],
        ],
    ])("%s is answered as the caller's mistake, with nothing of ours in it", async (_, lines) => {
        const answer = await request(lines);
        if (answer) expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
        expect(answer).not.toMatch(/\.ts|node_modules|bun/i);
    });

    test("a request without a host is told so in the one form of errors", async () => {
        const answer = await request(["GET /health HTTP/1.1", "Host: "]);
        expect(answer).toContain('"code":"INVALID_REQUEST"');
        expect(answer).toMatch(/x-request-id: /i);
    });

    test("a path with two slashes is nowhere", async () => {
        expect(await request(["GET //common/v1/version HTTP/1.1", "Host: x"])).toMatch(
            /^HTTP\/1\.1 404 /
        );
    });

    test("a header split in two is refused or harmless", async () => {
        const answer = await request([
            "GET /health HTTP/1.1",
            "Host: x",
            "X-Request-Id: bens-id\nSet-Cookie: tea=1",
        ]);
        expect(answer).not.toMatch(/^set-cookie: tea/im);
    });
});

describe("a body that comes in pieces", () => {
    const chunked = (path: string, bytes: number) => {
        const size = 64 * 1_024;
        const piece = `${size.toString(16)}\r\n${" ".repeat(size)}\r\n`;
        const last = bytes % size;
        const body = `${piece.repeat(Math.floor(bytes / size))}${last.toString(16)}\r\n${" ".repeat(last)}\r\n${last ? "0\r\n\r\n" : ""}`;
        return request(
            [
                `POST ${path} HTTP/1.1`,
                "Host: x",
                "Content-Type: application/json",
                "Transfer-Encoding: chunked",
            ],
            body
        );
    };

    test("and says nothing of its length is bounded all the same", async () => {
        const kib = 1_024;
        expect(await chunked("/wallet/v1/auth/challenge", 256 * kib + 1)).toMatch(
            /^HTTP\/1\.1 413 .*PAYLOAD_TOO_LARGE/s
        );
        expect(
            await chunked(`/external/v1/merchants/${newId()}/webhooks/shopify`, 2_048 * kib + 1)
        ).toMatch(/^HTTP\/1\.1 413 .*PAYLOAD_TOO_LARGE/s);
        expect(
            await chunked(`/external/v1/merchants/${newId()}/webhooks/shopify`, 2_048 * kib - 1)
        ).toMatch(/^HTTP\/1\.1 404 /);
    });
});
