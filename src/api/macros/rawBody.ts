import { Elysia } from "elysia";
import { readBounded } from "../body";

/** `rawBody: true` on a route: its handler is given the body as the `bytes` that came, for a signature is over those. */
export const rawBody = new Elysia({ name: "macro.rawBody" }).macro("rawBody", {
    parse: ({ request }) => readBounded(request),
    resolve: ({ body }) => ({ bytes: body as Uint8Array }),
});
