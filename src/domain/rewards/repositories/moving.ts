import { type SQL, sql } from "drizzle-orm";
import type { CampaignId, EvaluationId, InteractionId, MerchantId, RewardId } from "@/utils/ids";
import { type LedgerKind, type Reward, rewards } from "../db/schema";

/** A reward that was moved, as it was before. */
export type Moved = {
    id: RewardId;
    merchantId: MerchantId;
    campaignId: CampaignId;
    interactionId: InteractionId;
    evaluationId: EvaluationId;
    asset: Reward["asset"];
    amount: bigint;
};
export type MovedRow = Omit<Moved, "amount"> & { amount: string };

/** What a change of status is in the books: places and amounts by the columns of `held`. */
export type Entry = {
    name: string;
    /** A kind of account, or an expression that gives one. */
    from: LedgerKind | SQL;
    to: LedgerKind | SQL;
    amount?: SQL;
    payment?: SQL;
    /** Tells this entry from others of that name about the same reward. */
    occasion?: SQL;
};
type Moving = {
    /** Which rewards, of the table `rewards`; with the lock that they are held by. */
    which: SQL;
    /** More to hold them beside: a relation that `which` and `set` may speak of. */
    beside?: SQL;
    set: SQL;
    entries: readonly Entry[];
    now: Date;
};

export const instantOf = (date: Date): SQL => sql`${date.toISOString()}::timestamptz`;

/** Which account what is owed by a reward of that status stands on. */
export const standingAt: SQL = sql.raw(
    "case status when 'waitsForFunds' then 'available' else status end"
);

/** A change of status and its entries in the books: one statement, so neither can be without the other. */
export function moving({ which, beside, set, entries, now }: Moving): SQL {
    const input = beside ? sql`, input.*` : sql``;
    const source = beside ? sql`${rewards} cross join ${beside}` : sql`${rewards}`;
    return sql`
        with held as materialized (select rewards.* ${input} from ${source} where ${which}),
        moved as (update ${rewards} reward set ${set} from held where reward.id = held.id),
        posted as (select ${posting(entries, now)} as count)
        select id, merchant_id as "merchantId", campaign_id as "campaignId",
            interaction_id as "interactionId",
            evaluation_id as "evaluationId", asset, amount
        from held cross join posted`;
}

/** Enters what `held` says into the books, in the order of the rewards. Discounts are codes: they are in no book. */
export function posting(entries: readonly Entry[], now: Date): SQL {
    if (entries.length === 0) return sql`0`;
    const turns = entries.map((entry, turn) => entryRows(entry, turn));
    return sql`ledger_post(array(
        select entry from (${sql.join(turns, sql` union all `)}) as turns order by id, turn
    ), ${instantOf(now)})`;
}

function entryRows(entry: Entry, turn: number): SQL {
    const { name, amount = sql`amount`, payment = sql`null::bigint`, occasion } = entry;
    const key = occasion
        ? sql`${sql.raw(`'${name}:'`)} || id || ':' || ${occasion}`
        : sql`${sql.raw(`'${name}:'`)} || id`;
    return sql`
        select row(merchant_id, ${place(entry.from)}, ${ownerOf(entry.from)}, ${place(entry.to)},
            ${ownerOf(entry.to)}, case asset when 'points' then asset else token end, ${amount},
            ${sql.raw(`'${name}'`)}, id, purchase_id, ${payment}, ${key})::ledger_entry as entry,
            id, ${sql.raw(String(turn))} as turn
        from held where asset <> 'discount' and ${amount} > 0`;
}

const place = (kind: Entry["from"]): SQL =>
    typeof kind === "string" ? sql.raw(`'${kind}'`) : kind;

const ownerOf = (kind: Entry["from"]): SQL =>
    kind === "campaign" ? sql`campaign_id` : sql`group_id`;
