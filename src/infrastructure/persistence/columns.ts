import { bigint, customType, numeric, timestamp, uuid } from "drizzle-orm/pg-core";
import type { Address } from "viem";
import { getAddress } from "viem";
import { type Id, newId } from "@/utils/ids";

/** The column types of this house, so that a table reads like a sentence. */
export const primaryId = <T extends Id>() =>
    uuid()
        .$type<T>()
        .primaryKey()
        .$defaultFn(newId<T>);
export const idOf = <T extends Id>() => uuid().$type<T>();
export const instant = () => timestamp({ withTimezone: true });
export const sequence = () => bigint({ mode: "bigint" }).generatedByDefaultAsIdentity();

/** Whole minor units of a currency, and whole base units of a token: both are bigint here, exact in Postgres. */
export const minorUnits = () => numeric({ precision: 38, scale: 0, mode: "bigint" });
export const tokenUnits = () => numeric({ precision: 78, scale: 0, mode: "bigint" });

export const bytes = customType<{ data: Uint8Array; driverData: Uint8Array }>({
    dataType: () => "bytea",
});

/** Stored in lower case, so that equal addresses are equal; read with the EIP-55 checksum. */
export const address = customType<{ data: Address; driverData: string }>({
    dataType: () => "text",
    fromDriver: (stored) => getAddress(stored),
    toDriver: (value) => value.toLowerCase(),
});
