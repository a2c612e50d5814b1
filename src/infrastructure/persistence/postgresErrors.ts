type PostgresError = { code?: unknown; constraint?: unknown; cause?: unknown };

const deadlockDetected = "40P01";
const serializationFailure = "40001";
const uniqueViolation = "23505";
const outageClasses = {
    connectionException: "08",
    insufficientResources: "53",
    operatorIntervention: "57P",
};
const networkErrors = [
    ...["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT"],
    // The host is gone, as a container that was stopped: its name leads nowhere.
    ...["ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"],
];

/** Drizzle wraps what the driver throws: the SQLSTATE is in the cause. */
function driverErrorOf(error: unknown): PostgresError {
    const { cause } = (error ?? {}) as PostgresError;
    return ((cause as PostgresError | undefined)?.code ? cause : error) as PostgresError;
}

function sqlStateOf(error: unknown): string {
    const { code } = driverErrorOf(error) ?? {};
    return typeof code === "string" ? code : "";
}

/** What went wrong, without what was to be written: Drizzle puts all of it into its message. */
export function messageOf(error: Error): string {
    const { query } = error as { query?: unknown };
    return typeof query === "string" ? `Failed query: ${query}` : error.message;
}

/** The same work may succeed when it is done again from its start. */
export const isTransient = (error: unknown): boolean =>
    [deadlockDetected, serializationFailure].includes(sqlStateOf(error));

/** Postgres is out of reach or going down: nobody's fault, and worth another try later. */
export function isOutage(error: unknown): boolean {
    const state = sqlStateOf(error);
    const message = error instanceof Error ? `${error.message} ${String(error.cause ?? "")}` : "";
    return (
        networkErrors.includes(state) ||
        Object.values(outageClasses).some((outage) => state.startsWith(outage)) ||
        /connection terminated|timeout exceeded when trying to connect/i.test(message)
    );
}

export function isUniqueViolation(error: unknown, constraint: string): boolean {
    return sqlStateOf(error) === uniqueViolation && driverErrorOf(error).constraint === constraint;
}
