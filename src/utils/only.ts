/** The single row that a statement is known to return. More or fewer is a defect. */
export function only<T>(rows: readonly T[]): T {
    const [row] = rows;
    if (rows.length !== 1 || row === undefined) {
        throw new Error(`Expected one row, got ${rows.length}`);
    }
    return row;
}
