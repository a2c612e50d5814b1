/** What went wrong, in words that no transport owns. `api/errors.ts` turns each into an HTTP status. */
export type ErrorKind =
    | "invalid"
    | "unauthenticated"
    | "forbidden"
    | "notFound"
    | "conflict"
    | "unprocessable"
    | "tooLarge"
    | "rateLimited"
    | "unavailable";

/** One field that a caller got wrong, and how. */
export type FieldProblem = { path: string; message: string };

type Options = ErrorOptions & { details?: readonly FieldProblem[]; retryAfterSeconds?: number };

/**
 * A refusal that the caller can act on. Its `code` (`SCREAMING_SNAKE`) is stable and part of our API;
 * its message is for people. Anything else that is thrown is a defect: it is logged whole, and the
 * caller only learns that we failed.
 */
export abstract class DomainError extends Error {
    abstract readonly kind: ErrorKind;
    readonly details: readonly FieldProblem[] | undefined;
    readonly retryAfterSeconds: number | undefined;

    constructor(
        readonly code: string,
        message: string,
        { details, retryAfterSeconds, ...options }: Options = {}
    ) {
        super(message, options);
        this.name = new.target.name;
        this.details = details;
        this.retryAfterSeconds = retryAfterSeconds;
    }
}

export class InvalidError extends DomainError {
    readonly kind = "invalid";
}

export class UnauthenticatedError extends DomainError {
    readonly kind = "unauthenticated";
}

export class ForbiddenError extends DomainError {
    readonly kind = "forbidden";
}

export class NotFoundError extends DomainError {
    readonly kind = "notFound";
}

export class ConflictError extends DomainError {
    readonly kind = "conflict";
}

export class UnprocessableError extends DomainError {
    readonly kind = "unprocessable";
}

export class TooLargeError extends DomainError {
    readonly kind = "tooLarge";
}

export class RateLimitedError extends DomainError {
    readonly kind = "rateLimited";
}

export class UnavailableError extends DomainError {
    readonly kind = "unavailable";
}
