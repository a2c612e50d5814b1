import { lookups } from "@/infrastructure/keys";
import { InvalidError } from "@/utils/errors";

/** A place in a list as the caller gets it: opaque, and refused when it was not made by us. */
export const encodeCursor = (place: string): string =>
    `${Buffer.from(place).toString("base64url")}.${sealOf(place)}`;

/** Throws `INVALID_CURSOR`. */
export function decodeCursor(cursor: string): string {
    const [encoded = ""] = cursor.split(".");
    const place = Buffer.from(encoded, "base64url").toString();
    if (cursor === encodeCursor(place)) return place;
    throw new InvalidError("INVALID_CURSOR", "This cursor did not come from us");
}

const sealOf = (place: string): string => lookups.of("listCursor", place).slice(0, 16);
