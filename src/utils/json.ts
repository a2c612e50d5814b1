/** JSON whose numbers are still the text that was sent: no digit of an id or a price is lost. */
export type LosslessJson =
    | string
    | boolean
    | null
    | LosslessJson[]
    | { [key: string]: LosslessJson };

type SourceReviver = (key: string, value: unknown, context: { source: string }) => unknown;
type ParseWithSource = (text: string, reviver: SourceReviver) => LosslessJson;

/**
 * Parses JSON and keeps every number as its own text (ECMAScript "JSON.parse source text access"): shops
 * send ids beyond 2^53 and prices as numbers. Throws `SyntaxError` like `JSON.parse`.
 */
export function parseLossless(text: string): LosslessJson {
    return (JSON.parse as ParseWithSource)(text, (_, value, { source }) =>
        typeof value === "number" ? source : value
    );
}
