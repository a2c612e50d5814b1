import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

const root = new URL("../../..", import.meta.url).pathname;
const secret = "hunter2-of-ada";

type Line = Record<string, unknown> & { msg: string; err?: { message: string; cause?: object } };

/** What a process of its own writes to its real output when it runs this with `log`. */
function logged(
    code: string,
    environment: Record<string, string> = {}
): { text: string; lines: Line[] } {
    const script = `
        import { log } from "./src/infrastructure/observability/log.ts";
        import { currentRequest } from "./src/infrastructure/observability/currentRequest.ts";
        ${code}
        log.flush();`;
    const { stdout, stderr, status } = spawnSync(process.execPath, ["-e", script], {
        cwd: root,
        encoding: "utf8",
        env: {
            ...process.env,
            NODE_ENV: "production",
            LOG_LEVEL: "info",
            ...environment,
        } as NodeJS.ProcessEnv,
    });
    expect([status, stderr]).toEqual([0, ""]);
    const lines = stdout.split("\n").filter(Boolean);
    return { text: stdout, lines: lines.map((line) => JSON.parse(line) as Line) };
}

const fields = [
    ...["secret", "password", "token", "accessToken", "refreshToken", "signature", "credential"],
    ...["cookie", "authorization", "clientId", "email", "privateKey", "apiKey"],
];

test("a secret never reaches the output, by whatever name we know it and however deep", () => {
    const { text, lines } = logged(`
        for (const name of ${JSON.stringify(fields)}) {
            log.info({ [name]: "${secret}" }, "flat");
            log.warn({ body: { [name]: "${secret}" } }, "deeper");
            log.error({ request: { headers: { [name]: "${secret}" } } }, "deepest");
        }`);
    expect(lines).toHaveLength(fields.length * 3);
    expect(text).not.toContain(secret);
    expect(text.match(/\[redacted\]/g)).toHaveLength(fields.length * 3);
});

test("an error comes with its cause and without what libraries hang onto it", () => {
    const { text, lines } = logged(`
        const client = { connectionParameters: { password: "${secret}" } };
        const broken = Object.assign(new Error("socket closed"), { code: "ECONNRESET", client });
        log.error({ err: new TypeError("no tea", { cause: broken }) }, "request failed");
        log.error({ err: "a word" }, "odd");`);
    expect(lines[0]?.err).toMatchObject({
        type: "TypeError",
        message: "no tea",
        stack: expect.stringContaining("no tea"),
        cause: { type: "Error", message: "socket closed", code: "ECONNRESET" },
    });
    expect(lines[1]?.err).toEqual({ type: "string", message: "a word" });
    expect(text).not.toContain(secret);
});

test("a statement that failed comes without what was in it", () => {
    const { text, lines } = logged(`
        import { sql } from "drizzle-orm";
        import { drizzle } from "drizzle-orm/node-postgres";
        import { Pool } from "pg";
        const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 1 });
        const failing = drizzle(pool).execute(sql\`insert into nowhere values (\${"${secret}"}, \${"line\\nparams: ${secret}"})\`);
        const error = await failing.catch((error) => error);
        log.error({ err: error }, "request failed");
        log.error({ err: new Error("outer", { cause: error }) }, "request failed");
        await pool.end();`);
    expect(lines[0]?.err).toMatchObject({
        message: expect.stringContaining("insert into nowhere values ($1, $2)"),
        cause: { code: "42P01", message: 'relation "nowhere" does not exist' },
    });
    expect(text).not.toContain(secret);
});

test("every line of a request carries its id, and no other line has one", () => {
    const { lines } = logged(`
        currentRequest.run({ requestId: "bens-request" }, () => log.info("inside"));
        log.info("outside");`);
    expect(lines.map(({ msg, requestId }) => [msg, requestId])).toEqual([
        ["inside", "bens-request"],
        ["outside", undefined],
    ]);
});

test("the level is what LOG_LEVEL says", () => {
    const code = `log.info("whisper"); log.error("cry");`;
    expect(logged(code, { LOG_LEVEL: "error" }).lines.map(({ msg }) => msg)).toEqual(["cry"]);
    expect(logged(code, { LOG_LEVEL: "silent" }).lines).toEqual([]);
});
