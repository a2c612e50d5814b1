import { type SQL, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import { arrayLiteral, type ColumnType } from "./arrayLiteral";

/**
 * Whether a column has one of these values, whatever their number: one parameter, where `inArray` makes, binds and
 * plans one for each. For columns whose values Postgres reads as they are.
 */
export function isAmong<Column extends PgColumn>(
    column: Column,
    values: readonly Column["_"]["data"][]
): SQL {
    const type = column.getSQLType() as ColumnType;
    return sql`${column} = any(${arrayLiteral(values, type)}::${sql.raw(type)}[])`;
}
