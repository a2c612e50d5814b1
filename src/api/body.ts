import { Elysia } from "elysia";
import { invalidRequest } from "@/utils/schema";
import { limitOf, tooLarge } from "./limits";

const maxDepth = 32;

/** JSON bodies: bounded in size and depth, and free of what Postgres could not store or a merge would trip over. */
export const body = new Elysia({ name: "body" }).onParse(
    { as: "global" },
    async ({ request, contentType }) => {
        if (isRaw(request)) return undefined;
        const text = new TextDecoder().decode(await readBounded(request));
        if (text === "") return {};
        if (contentType !== undefined && contentType !== "application/json") throw notJson();
        return parseJson(text);
    }
);

/** The whole body, but no more of it than its route takes. */
export async function readBounded(request: Request): Promise<Uint8Array> {
    const { pathname } = new URL(request.url);
    const bytes = new Uint8Array(await request.arrayBuffer());
    if (bytes.length > limitOf(pathname)) throw tooLarge(pathname);
    return bytes;
}

/** Signed bodies are read by the route itself, as bytes. */
const isRaw = ({ url }: Request): boolean => new URL(url).pathname.startsWith("/external/");

function parseJson(text: string): unknown {
    if (depthOf(text) > maxDepth) throw invalid(`Nested deeper than ${maxDepth}`);
    try {
        return JSON.parse(text, storable);
    } catch (error) {
        throw error instanceof SyntaxError ? notJson() : error;
    }
}

function storable(key: string, value: unknown): unknown {
    for (const words of [key, value]) {
        if (typeof words !== "string") continue;
        if (words.includes("\0")) throw invalid("NUL characters are refused");
        if (!words.isWellFormed())
            throw invalid("Half of a character (a lone surrogate) is refused");
    }
    return key === "__proto__" ? undefined : value;
}

/** At most: brackets inside strings are counted as well. */
function depthOf(text: string): number {
    let depth = 0;
    let deepest = 0;
    for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
        if (bracket === "{" || bracket === "[") deepest = Math.max(deepest, ++depth);
        else depth--;
    }
    return deepest;
}

const invalid = (message: string) => invalidRequest([{ path: "", message }]);
const notJson = () => invalid("The body is not JSON");
