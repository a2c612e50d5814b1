import { type TSchema, t } from "elysia";
import type { Address } from "viem";
import { getAddress } from "viem";
import type { Id } from "@/utils/ids";
import { type Asset, type Currency, exponentOf } from "@/utils/money";

/**
 * A UUID in a path, a query or a body; in any other form it is refused before it gets near the database. The
 * format alone would let `urn:uuid:…` through.
 */
export const IdOf = <T extends Id>(description?: string) =>
    t.Unsafe<T>(
        t.String({ format: "uuid", maxLength: 36, ...(description ? { description } : {}) })
    );

export const AddressText = t
    .Transform(t.String({ pattern: "^0x[\\da-fA-F]{40}$", examples: [`0x${"a1".repeat(20)}`] }))
    .Decode((text): Address => getAddress(text))
    .Encode((address) => address);

export const Instant = t.String({ format: "date-time", examples: ["2026-11-21T09:30:00.000Z"] });

export const MoneyShape = t.Object(
    { amount: t.String(), currency: t.String(), exponent: t.Integer() },
    {
        description: "Whole minor units of a currency",
        examples: [{ amount: "1299", currency: "EUR", exponent: 2 }],
    }
);
export const TokenAmountShape = t.Object(
    { amount: t.String(), asset: t.String(), symbol: t.String(), decimals: t.Integer() },
    {
        description: "Whole base units of a token",
        examples: [
            { amount: "12990000", asset: `0x${"a1".repeat(20)}`, symbol: "USDC", decimals: 6 },
        ],
    }
);

export const asMoney = (amount: bigint, currency: Currency) => ({
    amount: amount.toString(),
    currency,
    exponent: exponentOf(currency),
});

export const asTokenAmount = (amount: bigint, { address, symbol, decimals }: Asset) => ({
    amount: amount.toString(),
    asset: address,
    symbol,
    decimals,
});

export const asInstant = (date: Date): string => date.toISOString();
export const asInstantOrNull = (date: Date | null): string | null => date?.toISOString() ?? null;

export const orNull = <Schema extends TSchema>(schema: Schema) => t.Union([schema, t.Null()]);

/** The one shape of every error. `code` is stable; `message` is for people. */
const errorBody = (codes: readonly string[]) =>
    t.Object(
        {
            error: t.Object({
                code: t.String({ examples: [...codes] }),
                message: t.String(),
                status: t.Integer(),
                requestId: t.String(),
                details: t.Optional(t.Array(t.Object({ path: t.String(), message: t.String() }))),
            }),
        },
        { description: codes.join(", ") }
    );

type Codes = {
    [Status in 400 | 401 | 403 | 404 | 409 | 413 | 422 | 429 | 503]?: readonly string[];
};

/** What every route can answer besides its own errors. */
const common = {
    400: ["INVALID_REQUEST"],
    429: ["RATE_LIMITED"],
    503: ["DATABASE_UNAVAILABLE"],
} as const;

/** The error answers of a route, for its documentation: status → codes. */
export function refusals(codes: Codes = {}) {
    const statuses = new Set([...Object.keys(common), ...Object.keys(codes)].map(Number));
    const entries = [...statuses].sort().map((status) => {
        const all = [
            ...(common[status as keyof typeof common] ?? []),
            ...(codes[status as keyof Codes] ?? []),
        ];
        return [status, errorBody(all)];
    });
    return Object.fromEntries(entries) as { [Status in keyof Codes]: ReturnType<typeof errorBody> };
}
