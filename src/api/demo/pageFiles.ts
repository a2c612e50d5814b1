import { fileURLToPath } from "node:url";
import { Elysia } from "elysia";

const fileOf = (name: string) => Bun.file(new URL(`./page/${name}`, import.meta.url));

/** Nothing from elsewhere, nothing inline, and no text that becomes markup. */
const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
].join("; ");

/** The demo's page and what it is made of; its script is bundled when it is first asked for. */
export const pageFiles = new Elysia()
    .get("/", () => {
        const headers = { "content-security-policy": policy, "cache-control": "no-store" };
        return new Response(fileOf("index.html"), { headers });
    })
    .get("/style.css", () => new Response(fileOf("style.css")))
    .get("/icon.svg", () => new Response(fileOf("icon.svg")))
    .get("/app.js", async () => {
        bundled ??= bundle();
        return new Response(await bundled);
    });

let bundled: Promise<Blob> | undefined;

async function bundle(): Promise<Blob> {
    const entry = fileURLToPath(new URL("./page/app.ts", import.meta.url));
    const { outputs } = await Bun.build({ entrypoints: [entry], target: "browser" });
    const [script] = outputs;
    if (!script) throw new Error("The demo's page was bundled to nothing");
    return new Blob([await script.arrayBuffer()], { type: "text/javascript;charset=utf-8" });
}
