import { t } from "elysia";
import { lookups } from "@/infrastructure/keys";
import { InvalidError } from "@/utils/errors";
import { isUuid } from "@/utils/ids";
import { orNull } from "./schemas";

const defaultLimit = 20;

const Limit = t
    .Transform(t.String({ pattern: "^([1-9]\\d?|100)$", description: `1 to 100; ${defaultLimit}` }))
    .Decode(Number)
    .Encode(String);

/** `?limit=1..100&cursor=…`, on every list. */
export const PageQuery = t.Object({
    limit: t.Optional(Limit),
    cursor: t.Optional(t.String({ maxLength: 200, description: "nextCursor of the page before" })),
});

export const pageOf = <Schema extends Parameters<typeof t.Array>[0]>(items: Schema) =>
    t.Object({ items: t.Array(items), nextCursor: orNull(t.String()) });

export type Page = { limit: number; before: string | undefined };

/** Lists run from new to old by id, so a place in one is the last id seen, stable under inserts. */
export function pageFrom({
    limit = defaultLimit,
    cursor,
}: {
    limit?: number;
    cursor?: string;
}): Page {
    return { limit, before: cursor === undefined ? undefined : openCursor(cursor) };
}

/** One more row than asked for was read: whether it is there says whether there is a next page. */
export function toPage<Row extends { id: string }, Item>(
    rows: readonly Row[],
    { limit }: Page,
    toItem: (row: Row) => Item
): { items: Item[]; nextCursor: string | null } {
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    const nextCursor = rows.length > limit && last ? cursorAt(last.id) : null;
    return { items: shown.map(toItem), nextCursor };
}

const cursorAt = (id: string): string => `${Buffer.from(id).toString("base64url")}.${sealOf(id)}`;

function openCursor(cursor: string): string {
    const [encoded = ""] = cursor.split(".");
    const id = Buffer.from(encoded, "base64url").toString();
    if ((isUuid(id) || /^\d{1,19}$/.test(id)) && cursor === cursorAt(id)) return id;
    throw new InvalidError("INVALID_CURSOR", "This cursor did not come from us");
}

const sealOf = (id: string): string => lookups.of("cursor", id).slice(0, 16);
