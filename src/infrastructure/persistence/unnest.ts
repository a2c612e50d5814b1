import { type SQL, sql } from "drizzle-orm";
import { arrayLiteral, type ColumnType } from "./arrayLiteral";

/**
 * Many rows as one parameter per column, whatever their number: `from ${unnest(rows, { id: "uuid" })}`.
 * The relation is called `input`; its columns have the names given here. Postgres plans it once.
 */
export function unnest<Row extends object>(
    rows: readonly Row[],
    columns: { [Column in keyof Row & string]: ColumnType }
): SQL {
    const names = Object.keys(columns) as (keyof Row & string)[];
    const arrays = names.map((name) => {
        const values = rows.map((row) => row[name]);
        return sql`${arrayLiteral(values, columns[name])}::${sql.raw(columns[name])}[]`;
    });
    const aliases = names.map((name) => sql.identifier(name));
    return sql`unnest(${sql.join(arrays, sql`, `)}) as input(${sql.join(aliases, sql`, `)})`;
}
