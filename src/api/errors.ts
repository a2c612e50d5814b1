import type { TSchema } from "@sinclair/typebox";
import type { TypeCheck } from "@sinclair/typebox/compiler";
import { Value } from "@sinclair/typebox/value";
import { Elysia, ValidationError } from "elysia";
import { BaseError, HttpRequestError, TimeoutError } from "viem";
import { currentRequestId } from "@/infrastructure/observability/currentRequest";
import { log } from "@/infrastructure/observability/log";
import { isOutage } from "@/infrastructure/persistence/postgresErrors";
import { DomainError, type ErrorKind, NotFoundError, UnavailableError } from "@/utils/errors";
import { invalidRequest, problemsOf } from "@/utils/schema";

const statusOf = {
    invalid: 400,
    unauthenticated: 401,
    forbidden: 403,
    notFound: 404,
    conflict: 409,
    tooLarge: 413,
    unprocessable: 422,
    rateLimited: 429,
    unavailable: 503,
} as const satisfies Record<ErrorKind, number>;

const retryAfterOutage = 2;

/** The one place where an error becomes an answer. A defect is logged whole and told to nobody. */
export const errors = new Elysia({ name: "errors" }).onError({ as: "global" }, ({ error, code }) =>
    answerTo(error, code)
);

export function answerTo(error: unknown, code?: unknown): Response {
    const refusal = refusalOf(error, code);
    if (refusal) return refused(refusal);
    log.error({ err: error }, "request failed");
    return body(500, { code: "INTERNAL", message: "Something went wrong on our side" });
}

function refusalOf(error: unknown, code: unknown): DomainError | undefined {
    if (error instanceof DomainError) return error;
    // A response that breaks its own schema arrives here too, and is a defect of ours.
    if (error instanceof ValidationError && error.type !== "response") {
        return invalidRequest(problemsOf(faultsOf(error)));
    }
    if (code === "PARSE") return parsingRefusal(error as Error);
    if (code === "NOT_FOUND") {
        return new NotFoundError("ROUTE_NOT_FOUND", "There is nothing at this address");
    }
    return outageOf(error);
}

/** Elysia checks the form of the whole with a compiled schema, a converted value with a plain one. */
function faultsOf({ validator, value }: ValidationError) {
    const schema = validator as TypeCheck<TSchema> | TSchema;
    return "Errors" in schema ? schema.Errors(value) : Value.Errors(schema, value);
}

/** What our own parser throws reaches us as the cause of Elysia's error. */
function parsingRefusal({ cause }: { cause?: unknown }): DomainError {
    if (cause instanceof DomainError) return cause;
    return invalidRequest([{ path: "", message: "The body is not JSON" }]);
}

function outageOf(cause: unknown): DomainError | undefined {
    const options = { cause, retryAfterSeconds: retryAfterOutage };
    if (isOutage(cause)) {
        return new UnavailableError("DATABASE_UNAVAILABLE", "Try again in a moment", options);
    }
    if (isChainOutage(cause)) {
        return new UnavailableError(
            "CHAIN_UNAVAILABLE",
            "The chain is out of reach for now",
            options
        );
    }
    return undefined;
}

/** viem wraps what went wrong on the way in what was asked for. */
function isChainOutage(error: unknown): boolean {
    if (!(error instanceof BaseError)) return false;
    const isOnTheWay = (one: unknown) =>
        one instanceof HttpRequestError || one instanceof TimeoutError;
    return error.walk(isOnTheWay) !== null;
}

function refused(error: DomainError): Response {
    const status = statusOf[error.kind];
    if (status === 503) log.error({ err: error }, "unavailable");
    const { code, message, details, retryAfterSeconds } = error;
    return body(status, { code, message, ...(details ? { details } : {}) }, retryAfterSeconds);
}

function body(status: number, error: object, retryAfterSeconds?: number): Response {
    const headers = retryAfterSeconds ? { "retry-after": String(retryAfterSeconds) } : {};
    const shape = { error: { ...error, status, requestId: currentRequestId() } };
    return Response.json(shape, { status, headers });
}
