import { describe, expect, test } from "vitest";
import { registry } from "@/infrastructure/observability/metrics";
import { newId } from "@/utils/ids";
import { ask, askWith, signedIn } from "../fixtures/api";
import { newClient, teaStory } from "../fixtures/tea";

const kib = 1_024;
const challenge = "/wallet/v1/auth/challenge";
const hook = `/external/v1/merchants/${newId()}/webhooks/shopify`;

describe("a request id", () => {
    test.each(["bens-id-1", "A.b_c-12", "x".repeat(64)])(
        "%s is taken from the caller",
        async (given) => {
            const { headers } = await ask("GET", "/health", { headers: { "x-request-id": given } });
            expect(headers.get("x-request-id")).toBe(given);
        }
    );

    test.each(["short", "x".repeat(65), "with space", "tea;drop", "naïve-id", "{{7*7}}-x"])(
        "%s is not",
        async (given) => {
            const { headers } = await ask("GET", "/health", { headers: { "x-request-id": given } });
            expect(headers.get("x-request-id")).toMatch(/^[\da-f-]{36}$/);
        }
    );

    test("is made for who gives none, another each time", async () => {
        const made = await Promise.all(
            [1, 2].map(async () => (await ask("GET", "/health")).headers.get("x-request-id"))
        );
        expect(made[0]).toMatch(/^[\da-f-]{36}$/);
        expect(made[0]).not.toBe(made[1]);
    });

    test("is in the body of an error", async () => {
        const { body } = await ask("GET", "/nowhere", { headers: { "x-request-id": "bens-id-1" } });
        expect(body.error.requestId).toBe("bens-id-1");
    });

    test("is each request's own, though many run at once", async () => {
        const ids = Array.from({ length: 20 }, (_, index) => `request-${index}`);
        const answers = await Promise.all(
            ids.map((id) => ask("POST", challenge, { headers: { "x-request-id": id }, json: {} }))
        );
        expect(answers.map(({ body }) => body.error.requestId)).toEqual(ids);
    });
});

test("every answer tells a browser to take it as it is", async () => {
    for (const path of ["/health", "/nowhere", "/swagger"]) {
        const { headers } = await ask("GET", path);
        expect(headers.get("x-content-type-options")).toBe("nosniff");
        expect(headers.get("referrer-policy")).toBe("no-referrer");
    }
});

describe("a path without a version", () => {
    test("is the newest one's", async () => {
        const [alias, versioned] = [
            await ask("GET", "/common/assets"),
            await ask("GET", "/common/v1/assets"),
        ];
        expect([alias.status, alias.text]).toEqual([200, versioned.text]);
        expect(
            (await ask("POST", "/wallet/auth/challenge", { json: { purpose: "login" } })).status
        ).toBe(200);
    });

    test("keeps its query, its headers and its body", async () => {
        const tea = await teaStory();
        const ada = await signedIn(tea.ada);
        const { body } = await ada("GET", "/business/merchants?limit=1");
        expect(body.items.map(({ id }: { id: string }) => id)).toEqual([tea.merchantId]);
        const json = { name: "Draft", definition: {} };
        const refusal = await ada("POST", `/business/merchants/${tea.merchantId}/campaigns`, {
            json,
        });
        expect(refusal.body.error.details[0].path).toMatch(/^definition/);
    });

    test("can name its router twice, or have its version elsewhere", async () => {
        expect((await ask("GET", "/common/common/assets")).status).toBe(404);
        expect((await ask("GET", "/common/v2/assets")).status).toBe(404);
        expect((await ask("GET", "/v1/common/assets")).status).toBe(404);
    });
});

describe("a body that is too large", () => {
    const full = (bytes: number) => new Uint8Array(bytes).fill(32);
    const streamed = (bytes: number) =>
        new ReadableStream({
            start(controller) {
                controller.enqueue(full(bytes));
                controller.close();
            },
        });
    const limits = [
        [challenge, 256 * kib],
        [hook, 2_048 * kib],
    ] as const;

    test.each(limits)(
        "for %s (%i bytes) is refused, whether it says so or not",
        async (path, limit) => {
            const headers = { "content-type": "application/json" };
            const declared = { ...headers, "content-length": String(limit + 1) };
            for (const options of [
                { headers: declared, body: full(limit + 1) },
                { headers, body: full(limit + 1) },
                { headers, body: streamed(limit + 1) },
                { headers: { ...headers, "content-length": "5" }, body: full(limit + 1) },
            ]) {
                const { status, body } = await ask("POST", path, options);
                expect([status, body.error.code]).toEqual([413, "PAYLOAD_TOO_LARGE"]);
            }
        }
    );

    test.each(limits)("for %s is not one of %i bytes", async (path, limit) => {
        const headers = { "content-type": "application/json", "content-length": String(limit) };
        expect((await ask("POST", path, { headers, body: full(limit) })).status).not.toBe(413);
        expect((await ask("POST", path, { headers, body: streamed(limit) })).status).not.toBe(413);
    });

    test("is counted under the path that it came by, version or not", async () => {
        const body = full(256 * kib + 1);
        expect((await ask("POST", "/wallet/auth/challenge", { body })).status).toBe(413);
        expect((await ask("POST", hook.replace("/v1/", "/"), { body })).status).toBe(404);
    });
});

describe("what nobody sends by mistake is 400, never 500:", async () => {
    const tea = await teaStory();
    const ada = await signedIn(tea.ada);
    const { clientId } = newClient(tea.merchantId);
    const cleo = askWith({ "x-client-id": clientId, "content-type": "application/json" });
    const shop = `/business/v1/merchants/${tea.merchantId}`;
    const arrival = "/wallet/v1/track/arrival";
    const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
    const refusedAt = async (answer: ReturnType<typeof ask>) => {
        const { status, body } = await answer;
        expect(status).toBe(400);
        return [
            body.error.code,
            ...(body.error.details ?? []).map(
                ({ path, message }: Record<string, string>) => `${path}: ${message}`
            ),
        ];
    };

    test.each([
        ["nothing", ""],
        ["words", "tea"],
        ["half of it", '{"merchantId":'],
        ["two of it", "{}{}"],
        ["a list", "[1, 2]"],
        ["a number", "5"],
        ["null", "null"],
        ["a comment", '{"a": 1} // tea'],
        ["raw bytes", "\u0000\u0001"],
        ["a thousand brackets", "[".repeat(1_000)],
    ])("a body that is %s", async (_, body) => {
        expect(await refusedAt(cleo("POST", arrival, { body }))).toContain("INVALID_REQUEST");
    });

    test("a body of another type", async () => {
        const headers = { "content-type": "text/plain" };
        const body = JSON.stringify({ merchantId: tea.merchantId });
        expect(await refusedAt(cleo("POST", arrival, { headers, body }))).toEqual([
            "INVALID_REQUEST",
            ": The body is not JSON",
        ]);
    });

    test("deep nesting: 33 levels, but not 32", async () => {
        expect(await refusedAt(cleo("POST", arrival, { body: nested(33) }))).toEqual([
            "INVALID_REQUEST",
            ": Nested deeper than 32",
        ]);
        expect(await refusedAt(cleo("POST", arrival, { body: nested(32) }))).toEqual([
            "INVALID_REQUEST",
            "merchantId: Expected string",
        ]);
    });

    test.each([
        ["NUL in a value", `{"merchantId": "${tea.merchantId}", "landingUrl": "a\\u0000b"}`, /NUL/],
        ["NUL in a name", `{"merchantId": "${tea.merchantId}", "a\\u0000b": 1}`, /NUL/],
        [
            "half a character in a value",
            `{"merchantId": "${tea.merchantId}", "utm": {"source": "\\ud83c"}}`,
            /surrogate/,
        ],
        [
            "half a character in a name",
            `{"merchantId": "${tea.merchantId}", "\\udf75": 1}`,
            /surrogate/,
        ],
    ])("%s", async (_, body, reason) => {
        const [, detail] = await refusedAt(cleo("POST", arrival, { body }));
        expect(detail).toMatch(reason);
    });

    test("but a backslash before u0000 is only a word, and 🍵 is one character", async () => {
        const json = { merchantId: tea.merchantId, utm: { source: "\\u0000 🍵" } };
        expect((await cleo("POST", arrival, { json })).status).toBe(200);
    });

    test("NUL in a query", async () => {
        expect(await refusedAt(ada("GET", `${shop}/purchases?externalId=%00`))).toEqual([
            "INVALID_REQUEST",
            ": NUL characters are refused",
        ]);
    });

    test("__proto__ in a body is no field at all", async () => {
        const body = `{"__proto__": {"merchantId": "${tea.merchantId}"}, "constructor": {"prototype": {"tea": 1}}}`;
        expect(await refusedAt(cleo("POST", arrival, { body }))).toEqual([
            "INVALID_REQUEST",
            "merchantId: Expected string",
        ]);
        expect(({} as { tea?: unknown }).tea).toBeUndefined();
        const inDefinition = `{"name": "x", "definition": {"__proto__": {"trigger": "purchase"}, "rewards": []}}`;
        const headers = { "content-type": "application/json" };
        expect(
            await refusedAt(ada("POST", `${shop}/campaigns`, { headers, body: inDefinition }))
        ).toContainEqual(expect.stringContaining("definition.trigger"));
    });

    test("__proto__ in a query is nothing", async () => {
        expect(
            (await ada("GET", "/business/v1/merchants?__proto__[limit]=0&constructor=1")).status
        ).toBe(200);
        expect(Object.prototype).not.toHaveProperty("limit");
    });

    test.each([
        "tea",
        "1",
        "01a1fdb1-2fe4-7320-99e2-00225ae63f1",
        "01a1fdb1-2fe4-7320-99e2-00225ae63f1aa",
        "urn:uuid:01a1fdb1-2fe4-7320-99e2-00225ae63f1a",
        "%7B01a1fdb1-2fe4-7320-99e2-00225ae63f1a%7D",
        "%00",
        "%E0%A4%A",
        "'%20or%201=1--",
    ])("the id %s in a path", async (id) => {
        for (const path of [
            `/business/v1/campaigns/${id}`,
            `/business/v1/purchases/${id}/why`,
            `/business/v1/merchants/${id}/bank`,
        ]) {
            expect(await refusedAt(ada("GET", path))).toContain("INVALID_REQUEST");
        }
        expect(
            await refusedAt(
                ask("GET", `/wallet/v1/rewards/${id}`, { headers: { "x-client-id": clientId } })
            )
        ).toContain("INVALID_REQUEST");
        expect(
            await refusedAt(ask("POST", hook.replace(/merchants\/[^/]+/, `merchants/${id}`)))
        ).toContain("INVALID_REQUEST");
    });

    test.each(["0x", "0x12", `0x${"g".repeat(40)}`, `${"ab".repeat(20)}`, `0x${"ab".repeat(21)}`])(
        "the address %s",
        async (address) => {
            expect(await refusedAt(ask("GET", `/wallet/v1/balance/${address}`))).toContain(
                "INVALID_REQUEST"
            );
        }
    );

    test.each(["tea", "", "' or 1=1", "x".repeat(10_000)])("the client id %j", async (id) => {
        const { status } = await ask("POST", arrival, {
            headers: { "x-client-id": id },
            json: { merchantId: tea.merchantId },
        });
        expect(status).toBe(id === "" ? 401 : 400);
    });

    test.each([
        ["rewards", { trigger: "purchase", rewards: Array(50_000).fill(1) }],
        [
            "conditions",
            {
                trigger: "purchase",
                rewards: [],
                conditions: { all: Array(20_000).fill({ any: [] }) },
            },
        ],
        [
            "unknown fields",
            Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`f${index}`, 1])),
        ],
    ])("huge lists of %s, of which a hundred faults are told", async (_, definition) => {
        const { status, body } = await ada("POST", `${shop}/campaigns`, {
            json: { name: "Huge", definition },
        });
        expect(status).toBe(400);
        expect(body.error.details.length).toBeLessThanOrEqual(100);
    });

    test("a cookie that cannot be decoded is none", async () => {
        for (const cookie of [
            "businessSession=%E0%A4%A",
            'businessSession={"wallet":"0x"}',
            "businessSession=",
            "=;;=",
        ]) {
            expect(
                (await ask("GET", "/business/v1/merchants", { headers: { cookie } })).status
            ).toBe(401);
        }
    });

    test("words of every length in every field that takes words", async () => {
        const long = "x".repeat(5_000);
        const fields = [
            { landingUrl: long },
            { referralCode: "no such code!" },
            { referralCode: long },
            { utm: { source: long } },
            { merchantId: long },
        ];
        for (const field of fields) {
            const { status } = await cleo("POST", arrival, {
                json: { merchantId: tea.merchantId, ...field },
            });
            expect([Object.keys(field)[0], status]).toEqual([Object.keys(field)[0], 400]);
        }
    });
});

describe("the figures of a request", () => {
    const routes = async () => {
        const text = await registry.getSingleMetricAsString("commend_http_request_seconds");
        return new Set([...text.matchAll(/route="([^"]*)"/g)].map(([, route]) => route));
    };

    test("are kept by route, as it is written in the code", async () => {
        const tea = await teaStory();
        const ada = await signedIn(tea.ada);
        await ada("GET", `/business/v1/merchants/${tea.merchantId}/bank`);
        await ada("GET", `/business/campaigns/${tea.campaignId}`);
        expect([...(await routes())]).toEqual(
            expect.arrayContaining([
                "/business/v1/merchants/:merchantId/bank",
                "/business/v1/campaigns/:id",
            ])
        );
    });

    test("do not grow with what strangers think of", async () => {
        await ask("GET", "/health");
        const before = await routes();
        for (const word of ["tea", "coffee", "mate"]) {
            await ask("GET", `/${word}`);
            await ask("OPTIONS", `/wallet/${word}`, {
                headers: { origin: "https://evil.example" },
            });
            await ask("GET", `/business/v1/campaigns/${word}`);
            await ask("POST", `/wallet/v1/${word}`, { body: "{" });
        }
        expect(await routes()).toEqual(
            new Set([...before, "unmatched", "/business/v1/campaigns/:id"])
        );
    });
});
