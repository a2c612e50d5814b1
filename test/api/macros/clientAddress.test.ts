import { describe, expect, test, vi } from "vitest";

vi.hoisted(() => {
    process.env["TRUSTED_PROXIES"] = "10.0.0.1, 10.0.0.2, ::1";
});

import { clientAddress } from "@/api/macros/clientAddress";
import { asItCame, withVersion } from "@/api/withVersion";

/** Who a request is taken to be from, when its socket is this peer's. */
function from(peer: string | null, forwarded?: string): string {
    const request = new Request("http://localhost/common/v1/assets", {
        headers: forwarded === undefined ? {} : { "x-forwarded-for": forwarded },
    });
    return clientAddress({
        request,
        server: { requestIP: () => (peer === null ? null : { address: peer }) },
    });
}

describe("a request is from", () => {
    test("its peer, whatever it says: a header from anybody is not believed", () => {
        expect(from("203.0.113.7")).toBe("203.0.113.7");
        expect(from("203.0.113.7", "198.51.100.9")).toBe("203.0.113.7");
    });

    test("whom a trusted proxy says", () => {
        expect(from("10.0.0.1", "198.51.100.9")).toBe("198.51.100.9");
        expect(from("::1", "2001:db8::7")).toBe("2001:db8::7");
    });

    test("the last whom a trusted proxy says: what is before that came from the client", () => {
        expect(from("10.0.0.1", "1.1.1.1, 198.51.100.9")).toBe("198.51.100.9");
        expect(from("10.0.0.1", "1.1.1.1,198.51.100.9, 10.0.0.2")).toBe("198.51.100.9");
    });

    test("the proxy itself when it says nothing of use", () => {
        expect(from("10.0.0.1")).toBe("10.0.0.1");
        expect(from("10.0.0.1", "")).toBe("10.0.0.1");
        expect(from("10.0.0.1", " , ")).toBe("10.0.0.1");
        expect(from("10.0.0.1", "10.0.0.2")).toBe("10.0.0.1");
    });

    test("the same peer when its address is written as IPv6", () => {
        expect(from("::ffff:203.0.113.7")).toBe("203.0.113.7");
        expect(from("::ffff:10.0.0.1", "198.51.100.9")).toBe("198.51.100.9");
        expect(from("::ffff:10.0.0.1", "::ffff:198.51.100.9")).toBe("198.51.100.9");
    });

    test("nobody known, where there is no socket", () => {
        expect(from(null, "198.51.100.9")).toBe("unknown");
    });
});

test("a request that was given its version is known by the socket that it came through", () => {
    const request = new Request("http://localhost/common/assets");
    const versioned = withVersion(request);
    expect(versioned.url).toBe("http://localhost/common/v1/assets");
    expect(asItCame(versioned)).toBe(request);
    expect(asItCame(request)).toBe(request);
    const server = {
        requestIP: (asked: Request) => (asked === request ? { address: "203.0.113.7" } : null),
    };
    expect(clientAddress({ request: versioned, server })).toBe("203.0.113.7");
});
