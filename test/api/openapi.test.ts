import { describe, expect, test } from "vitest";
import { ask } from "../fixtures/api";
import { type Operation, operations, type Schema, schemasOf } from "../fixtures/openapi";

const { body: document } = await ask("GET", "/swagger/json");
const all = operations(document);
const each = all.map((operation) => [`${operation.method} ${operation.path}`, operation] as const);
const ours = each.filter(([, { path }]) => /^\/(wallet|business|external|common)\//.test(path));

/** Who knocks at which door. */
const schemesOf = (path: string): string[] => {
    if (path.startsWith("/business/")) return ["businessSession", "apiKey"];
    if (path.endsWith("/events")) return ["standardWebhooks", "plainHmac", "apiKey"];
    if (path.startsWith("/external/"))
        return ["shopifyHmac", "wooCommerceHmac", "standardWebhooks", "plainHmac"];
    return path.startsWith("/wallet/") ? ["walletToken", "sdkToken", "clientId"] : [];
};
const schemaTypes = ["string", "integer", "number", "boolean", "object", "array", "null"];

/** What JSON Schema 2020-12, which OpenAPI 3.1 means, would not take. */
function faultsOf(schema: Schema): string[] {
    const { type = "object", required = [], properties = {}, items, examples = [] } = schema;
    const unnamed = required.filter((name) => !(name in properties));
    return [
        ...(schemaTypes.includes(type) ? [] : [`There is no type ${type}`]),
        ...unnamed.map((name) => `${name} is required and not described`),
        ...(type === "array" && !items ? ["An array of what?"] : []),
        ...("nullable" in schema ? ["nullable is of OpenAPI 3.0"] : []),
        ...(Array.isArray(examples) ? [] : ["Examples are a list"]),
    ];
}
const codesOf = ({ responses }: Operation, status: number): string[] =>
    (responses[status]?.description ?? "").split(", ");
const errorsOf = ({ responses }: Operation) =>
    Object.entries(responses).filter(([status]) => Number(status) >= 400);

describe("the document", () => {
    test("is OpenAPI 3.1", () => {
        expect(document).toMatchObject({
            openapi: "3.1.0",
            info: { title: "Commend", version: expect.any(String) },
            paths: expect.any(Object),
        });
    });

    test("has every router in it, and nothing that is not for callers", async () => {
        const paths = Object.keys(document.paths);
        expect(paths.length).toBeGreaterThan(30);
        expect(
            paths.filter(
                (path) =>
                    !/^\/(health|ready|metrics|(wallet|business|external|common)\/v1\/.*[^/])$/.test(
                        path
                    )
            )
        ).toEqual([]);
    });

    test("names every operation once", () => {
        const ids = all.map(({ operationId }) => operationId);
        expect(ids.filter((id) => !id)).toEqual([]);
        expect(new Set(ids).size).toBe(ids.length);
    });

    test("is shown by a page that needs no network", async () => {
        const page = await ask("GET", "/swagger");
        expect(page.headers.get("content-type")).toContain("text/html");
        const sources = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(
            ([, source]) => source ?? ""
        );
        expect(sources.length).toBeGreaterThan(1);
        for (const source of sources) {
            expect(source).toMatch(/^\/swagger\//);
            expect((await ask("GET", source)).status).toBe(200);
        }
        expect(page.text).toContain("/swagger/json");
    });
});

describe.each(each)("%s", (_, operation) => {
    test("says what it is", () => {
        expect(operation.summary).toMatch(/^[A-Z].{5,}[^.]$/);
        expect(operation.tags).toEqual([expect.stringMatching(/./)]);
    });

    test("has the form that 3.1 wants of parameters", () => {
        const { path, parameters = [] } = operation;
        const inPath = parameters.filter((one) => one.in === "path");
        const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
        expect(inPath.map(({ name }) => name)).toEqual(named);
        expect(inPath.every(({ required }) => required)).toBe(true);
        for (const parameter of parameters) {
            expect(["path", "query"]).toContain(parameter.in);
            expect(parameter.schema).toBeTypeOf("object");
            expect(parameter).not.toHaveProperty("examples");
        }
    });

    test("has the form that 3.1 wants of bodies and answers", () => {
        for (const [status, { description }] of Object.entries(operation.responses)) {
            expect(status).toMatch(/^[1-5]\d\d$/);
            expect(description).toMatch(/./);
        }
        const bodies = [operation.requestBody, ...Object.values(operation.responses)];
        const types = bodies.flatMap((body) => Object.keys(body?.content ?? {}));
        expect(types.filter((type) => type !== "application/json")).toEqual([]);
    });

    test("has schemas that JSON Schema knows", () => {
        expect(schemasOf(operation).flatMap(faultsOf)).toEqual([]);
    });
});

describe.each(ours)("%s", (_, operation) => {
    test("lists its errors, each with its codes, in the one form", () => {
        expect(errorsOf(operation).map(([status]) => Number(status))).toEqual(
            expect.arrayContaining([400, 429, 503])
        );
        for (const [status, { content }] of errorsOf(operation)) {
            for (const code of codesOf(operation, Number(status)))
                expect(code).toMatch(/^[A-Z]+(_[A-Z]+)*$/);
            const { error } = content?.["application/json"].schema.properties ?? {};
            expect(error?.required).toEqual(["code", "message", "status", "requestId"]);
        }
        expect(codesOf(operation, 400)).toContain("INVALID_REQUEST");
        expect(codesOf(operation, 429)).toEqual(["RATE_LIMITED"]);
    });

    test("says how to prove who asks, where it can refuse for that", () => {
        const { security, path, responses } = operation;
        const isSignIn = /\/auth\/(nonce|login|register|refresh|challenge)$/.test(path);
        if (!isSignIn) expect(security !== undefined).toBe(401 in responses);
        for (const [scheme, ...others] of (security ?? []).map(Object.keys)) {
            if (scheme === undefined) continue; // It can be asked without, too.
            expect(others).toEqual([]);
            expect(schemesOf(path)).toContain(scheme);
        }
    });
});

test("money is text, and never a number, in every answer", () => {
    const amounts = all
        .flatMap(schemasOf)
        .filter(({ properties }) => properties && "amount" in properties);
    expect(amounts.length).toBeGreaterThan(10);
    for (const { properties } of amounts) {
        const amount = properties?.["amount"];
        if (amount?.type !== "object") expect(amount?.type).toBe("string");
    }
});
