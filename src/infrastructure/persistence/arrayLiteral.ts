export type ColumnType =
    | "uuid"
    | "text"
    | "numeric"
    | "integer"
    | "bigint"
    | "boolean"
    | "timestamptz"
    | "jsonb"
    | "bytea";

/**
 * A column of values as PostgreSQL writes an array (§8.15.2 of its manual). Made here because the driver looks at
 * every value to find out what it is, and we know.
 */
export function arrayLiteral(values: readonly unknown[], type: ColumnType): string {
    const write = writers[type];
    return `{${values.map((value) => (value === null || value === undefined ? "NULL" : write(value))).join(",")}}`;
}

type Writer = (value: unknown) => string;

const plain: Writer = String;
const quoted = (text: string): string =>
    /["\\]/.test(text) ? `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"` : `"${text}"`;

const writers: Record<ColumnType, Writer> = {
    uuid: plain,
    numeric: plain,
    integer: plain,
    bigint: plain,
    boolean: plain,
    text: (value) => quoted(String(value)),
    timestamptz: (value) => quoted((value as Date).toISOString()),
    // JSON text has no control characters in it, so that a string's quotes in JSON are an array's.
    jsonb: (value) => JSON.stringify(JSON.stringify(value)),
    bytea: (value) => `"\\\\x${Buffer.from(value as Uint8Array).toString("hex")}"`,
};
