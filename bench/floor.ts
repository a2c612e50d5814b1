/** The floor that ours is measured against: a bare route, and a route that does one INSERT per request. */
import { Elysia } from "elysia";
import { Pool } from "pg";

const pool = new Pool({ connectionString: process.env["DATABASE_URL"], max: 10 });
await pool.query("create table if not exists floor (id uuid primary key, body bytea not null)");

new Elysia()
    .get("/health", () => "alive")
    .post("/bare", ({ body }) => ({ ok: body !== undefined }))
    .post(
        "/insert",
        async ({ body }) => {
            await pool.query({
                name: "insert",
                text: "insert into floor values ($1, $2)",
                values: [Bun.randomUUIDv7(), Buffer.from(body as ArrayBuffer)],
            });
            return { ok: true };
        },
        { parse: ({ request }) => request.arrayBuffer() }
    )
    .listen(Number(process.env["PORT"]));
