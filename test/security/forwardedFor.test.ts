import { afterEach, describe, expect, test } from "vitest";
import { Server } from "../fixtures/Server";

const limit = 3;
let server: Server;
afterEach(() => server.stop());

/** The status of each of so many challenges, each said to come from somewhere else. */
async function statuses(forwarded: (attempt: number) => string): Promise<number[]> {
    const told: number[] = [];
    for (let attempt = 0; attempt <= limit; attempt++) {
        const { status } = await fetch(`${server.url}/wallet/v1/auth/challenge`, {
            method: "POST",
            headers: {
                "content-type": "application/json",
                "x-forwarded-for": forwarded(attempt),
                forwarded: `for=198.51.100.${attempt}`,
                "x-real-ip": `198.51.100.${attempt}`,
            },
            body: JSON.stringify({ purpose: "login" }),
        });
        told.push(status);
    }
    return told;
}
const limited = [200, 200, 200, 429];
const start = (TRUSTED_PROXIES: string) =>
    Server.start({ RATE_LIMITS: `auth=${limit}`, TRUSTED_PROXIES, ROLE: "api" });

describe("a limit is not lifted by saying to come from elsewhere", () => {
    test("where no proxy is trusted: the socket says where it comes from", async () => {
        server = await start("");
        expect(await statuses((attempt) => `198.51.100.${attempt}`)).toEqual(limited);
    });

    test("where a proxy is trusted that did not send it", async () => {
        server = await start("10.0.0.1");
        expect(await statuses((attempt) => `198.51.100.${attempt}, 10.0.0.1`)).toEqual(limited);
    });

    test("through a proxy that is trusted: what stood there before it was the client's word", async () => {
        server = await start("127.0.0.1,::1");
        const spoofed = (attempt: number) => `198.51.100.${attempt}, 203.0.113.7`;
        expect(await statuses(spoofed)).toEqual(limited);
        expect(await statuses((attempt) => `203.0.113.${100 + attempt}`)).toEqual(
            Array(limit + 1).fill(200)
        );
    });
});
