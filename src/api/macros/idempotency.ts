import { Elysia } from "elysia";
import { idempotency } from "@/infrastructure/idempotency";
import type { IdempotencyKey } from "@/infrastructure/idempotency/IdempotencyStore";
import { lookups } from "@/infrastructure/keys";
import { currentRequest } from "@/infrastructure/observability/currentRequest";
import { ConflictError, InvalidError, UnprocessableError } from "@/utils/errors";
import { clientAddress } from "./clientAddress";

const header = "idempotency-key";
const maxKeyLength = 255;

type Asking = Parameters<typeof clientAddress>[0] & {
    session?: { subject: string; apiKey?: { id: string } | null };
    visitor?: { lookup: string };
};

/**
 * `idempotent: true` on a route: a caller's `Idempotency-Key` makes the same request have one effect and one
 * answer for 24 hours. Callers are told apart by who they proved to be. To be given on the route itself and
 * never in a guard: Elysia runs what a guard says before what the route says, and so before anybody is known.
 */
export const idempotent = new Elysia({ name: "macro.idempotent" }).macro("idempotent", {
    async beforeHandle(context) {
        const key = context.request.headers.get(header);
        if (key === null) return;
        const id = { caller: callerOf(context), key: checked(key) };
        const turn = await idempotency.begin(id, fingerprintOf(context.request, context.body));
        if (turn.state === "ours") {
            const current = currentRequest.getStore();
            if (current) current.idempotency = id;
            return;
        }
        if (turn.state === "answered") return replayed(turn.answer);
        throw turn.state === "reused" ? keyReused() : inProgress();
    },
});

/** Keeps the answer to a request with a key; one that says we failed is not worth keeping. */
export async function keepAnswer(id: IdempotencyKey, response: Response): Promise<Response> {
    if (response.status >= 500) {
        await idempotency.forget(id);
        return response;
    }
    const body = await response.text();
    const headers = Object.fromEntries(
        [...response.headers].filter(([name]) => name === "content-type")
    );
    await idempotency.keep(id, { status: response.status, headers, body });
    return new Response(body || null, { status: response.status, headers: response.headers });
}

function replayed({
    status,
    headers,
    body,
}: {
    status: number;
    headers: Record<string, string>;
    body: string;
}) {
    return new Response(body || null, {
        status,
        headers: { ...headers, "idempotent-replayed": "true" },
    });
}

/** Who has proved nothing is told apart by where they ask from; a key is not the person who made it. */
const callerOf = (context: Asking): string =>
    context.session?.apiKey?.id ??
    context.session?.subject ??
    context.visitor?.lookup ??
    `at ${clientAddress(context)}`;

/** Keyed: a mail address or a code could be guessed from any other hash of a short body. */
function fingerprintOf(request: Request, body: unknown): string {
    const { pathname } = new URL(request.url);
    const text = `${request.method} ${pathname} ${JSON.stringify(body ?? null)}`;
    return lookups.of("request", text);
}

function checked(key: string): string {
    if (key.length > 0 && key.length <= maxKeyLength) return key;
    const message = `Idempotency-Key has 1 to ${maxKeyLength} characters`;
    throw new InvalidError("INVALID_REQUEST", message);
}

const keyReused = () =>
    new UnprocessableError(
        "IDEMPOTENCY_KEY_REUSED",
        "This Idempotency-Key was used for another request"
    );

const inProgress = () =>
    new ConflictError(
        "IDEMPOTENCY_IN_PROGRESS",
        "The first request with this key is still running"
    );
