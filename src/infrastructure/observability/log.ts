import pino, { type DestinationStream } from "pino";
import pretty from "pino-pretty";
import { config } from "../config";
import { messageOf } from "../persistence/postgresErrors";
import { currentRequest } from "./currentRequest";

const secretFields = [
    "secret",
    "password",
    "token",
    "accessToken",
    "refreshToken",
    "signature",
    "credential",
    "cookie",
    "authorization",
    "clientId",
    "email",
    "privateKey",
    "apiKey",
];

/** Keeps secrets out of the logs wherever a field of that name turns up, two levels deep. */
const redact = secretFields.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

function destination(): DestinationStream {
    if (config.NODE_ENV === "development") return pretty({ sync: true, ignore: "pid,hostname" });
    return pino.destination({ sync: false, minLength: 4_096, maxWrite: 65_536 });
}

/** JSON lines on stdout (pretty in development). Every line of a request or job carries its request id. */
export const log = pino(
    {
        level: config.LOG_LEVEL,
        redact: { paths: redact, censor: "[redacted]" },
        serializers: { err: errorFields },
        mixin: () => ({ requestId: currentRequest.getStore()?.requestId }),
    },
    destination()
);

type ErrorFields = {
    type: string;
    message: string;
    code?: unknown;
    stack?: string;
    cause?: ErrorFields;
};

/** An error without what libraries hang onto it: a database error drags its connection along, with its keys. */
function errorFields(error: unknown): ErrorFields {
    if (!(error instanceof Error)) return { type: typeof error, message: String(error) };
    const { code } = error as { code?: unknown };
    const message = messageOf(error);
    const stack = error.stack?.replace(error.message, () => message);
    return {
        type: error.name,
        message,
        ...(typeof code === "string" ? { code } : {}),
        ...(stack ? { stack } : {}),
        ...(error.cause ? { cause: errorFields(error.cause) } : {}),
    };
}
