import { type TSchema, Type } from "@sinclair/typebox";
import { decimalPlaces } from "@/utils/decimal";
import { type Currency, exponentOf, minorUnits } from "@/utils/money";

/*
 * What the words of shops are made of. Numbers are still text here (`parseLossless`), so a price is read from
 * its own digits. What is missing for guests, custom lines or free orders is allowed to be missing.
 */
export const optional = <Schema extends TSchema>(schema: Schema) =>
    Type.Optional(Type.Union([schema, Type.Null()]));

const day = "\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])";
const time = "([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(\\.\\d+)?";
/** RFC 3339 with its offset. */
export const Instant = Type.String({
    pattern: `^${day}T${time}(Z|[+-]([01]\\d|2[0-3]):[0-5]\\d)$`,
});
/** A time of which another field's name says that it is UTC. */
export const UtcTime = Type.String({ pattern: `^${day}T${time}Z?$` });
export const Money = Type.String({ pattern: "^\\d{1,30}(\\.\\d{1,30})?$" });
export const Quantity = Type.String({ pattern: "^\\d{1,9}(\\.\\d{1,9})?$" });

/** Whole pieces: half a metre of cloth is one of it. */
export const piecesOf = (quantity: string): number => Math.ceil(Number(quantity));

export const utc = (text: string): Date => new Date(text.endsWith("Z") ? text : `${text}Z`);

/** Shops cut the fraction off: an arrival in the same second came before the order, not after. */
export const endOfSecond = (at: Date): Date =>
    new Date(Math.floor(at.getTime() / 1_000) * 1_000 + 999);

/** Reads amounts of one currency, and keeps those that it had to round as they were. */
export function moneyReader(currency: Currency) {
    const exactAmounts: Record<string, string> = {};
    const exponent = exponentOf(currency);
    function read(text: string | null | undefined, name: string): bigint {
        if (!text) return 0n;
        const isRounded =
            decimalPlaces(text) > exponent &&
            /[1-9]/.test(text.split(".")[1]?.slice(exponent) ?? "");
        if (isRounded) exactAmounts[name] = text;
        return minorUnits(text, currency);
    }
    return { read, exactAmounts };
}
export type ReadMoney = ReturnType<typeof moneyReader>["read"];
