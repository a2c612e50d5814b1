import { inArray, type SQL, sql } from "drizzle-orm";
import type { Database } from "@/infrastructure/persistence/Database";
import { unnest } from "@/infrastructure/persistence/unnest";
import type { RewardId } from "@/utils/ids";
import { rewards } from "../db/schema";
import { type Entry, instantOf, type Moved, type MovedRow, moving, standingAt } from "./moving";

/** What a payment transfers for a reward, and what was owed for it then. Without a payment a debt took all of it. */
export type Share = { id: RewardId; paymentId: bigint | null; gross: bigint; paid: bigint };
type Move = Pick<Parameters<typeof moving>[0], "which" | "set" | "entries" | "now">;

/** How many rewards one statement moves. */
const batchSize = 1_000;
const unsettled = sql.raw("rewards.status in ('pending', 'available', 'waitsForFunds')");
const held = sql.raw("order by rewards.id for update of rewards");
const heldElsewhereToo = sql.raw(
    `order by rewards.id limit ${batchSize} for update of rewards skip locked`
);

/** Every step of a reward's life, each one statement with its entries in the books. */
export class RewardLifeRepository {
    constructor(private readonly db: Database) {}

    /** Whose lock-up is over is available. True when there may be more of them. */
    async releaseLocked(now: Date): Promise<boolean> {
        const moved = await this.move({
            which: sql`status = 'pending' and available_at <= ${instantOf(now)} ${heldElsewhereToo}`,
            set: sql`status = 'available'`,
            entries: [{ name: "unlocked", from: "pending", to: "available" }],
            now,
        });
        return moved.length === batchSize;
    }

    /** A few of those that nobody was paid in time. What is on its way to the chain does not expire. */
    async expire(now: Date): Promise<Moved[]> {
        return this.move({
            which: sql`${unsettled} and expires_at <= ${instantOf(now)} ${heldElsewhereToo}`,
            set: sql`status = 'expired', warn_at = null`,
            entries: [{ name: "expired", from: standingAt, to: "campaign" }],
            now,
        });
    }

    /** What is on its way to the chain stays as it is; the caller learns only of what was cancelled. */
    async cancel(ids: readonly RewardId[], reason: string, now: Date): Promise<Moved[]> {
        if (ids.length === 0) return [];
        return this.cancelWhere(inArray(rewards.id, [...ids]), reason, now);
    }

    /** Points that were spent, codes that a shop has seen. */
    async use(ids: readonly RewardId[], now: Date): Promise<Moved[]> {
        if (ids.length === 0) return [];
        return this.move({
            which: sql`${inArray(rewards.id, [...ids])} and status = 'available' and asset <> 'token' ${held}`,
            set: sql`status = 'used', warn_at = null`,
            entries: [{ name: "used", from: "available", to: "used" }],
            now,
        });
    }

    async markSettling(shares: readonly Share[], now: Date): Promise<void> {
        if (shares.length === 0) return;
        const input = unnest(
            shares.map(({ id, paymentId, gross, paid }) => ({
                share: id,
                payment: paymentId,
                owed: gross,
                share_paid: paid,
            })),
            { share: "uuid", payment: "bigint", owed: "numeric", share_paid: "numeric" }
        );
        const occasion = sql`coalesce(payment::text, 'none')`;
        const about = { payment: sql`payment`, occasion };
        await this.db.rows(
            moving({
                beside: input,
                which: sql`rewards.id = input.share ${held}`,
                set: sql`status = 'settling', reason = null, payment_id = held.payment,
                    gross = held.owed, paid = held.share_paid, warn_at = null`,
                entries: [
                    {
                        ...about,
                        name: "withheld",
                        from: "available",
                        to: "debt",
                        amount: sql`(owed - share_paid)`,
                    },
                    {
                        ...about,
                        name: "settling",
                        from: "available",
                        to: "settling",
                        amount: sql`share_paid`,
                    },
                ],
                now,
            })
        );
    }

    /** The payment stands on chain: so does every reward in it. What was refunded meanwhile is a debt now. */
    async markSettled(paymentIds: readonly bigint[], now: Date): Promise<void> {
        if (paymentIds.length === 0) return;
        await this.settle(inArray(rewards.paymentId, [...paymentIds]), now);
    }

    /** Rewards that a debt took whole: nothing is left to be paid for them. */
    async markSettledByDebt(ids: readonly RewardId[], now: Date): Promise<void> {
        if (ids.length === 0) return;
        await this.settle(inArray(rewards.id, [...ids]), now);
    }

    /** The payment was not made: what it would have paid is owed as before, and tried again after a while. */
    async release(paymentIds: readonly bigint[], reason: string, now: Date): Promise<Moved[]> {
        if (paymentIds.length === 0) return [];
        const about = { payment: sql`payment_id`, occasion: sql`payment_id` };
        const delay = sql`least(interval '10 seconds' * power(2, reward.attempts), interval '1 hour')`;
        const released = await this.move({
            which: sql`${inArray(rewards.paymentId, [...paymentIds])} and status = 'settling' ${held}`,
            set: sql`status = 'available', reason = ${reason}, payment_id = null, gross = null,
                paid = null, attempts = reward.attempts + 1, due_at = ${instantOf(now)} + ${delay}`,
            entries: [
                {
                    ...about,
                    name: "released",
                    from: "settling",
                    to: "available",
                    amount: sql`paid`,
                },
                {
                    ...about,
                    name: "owedAgain",
                    from: "debt",
                    to: "available",
                    amount: sql`(gross - paid)`,
                },
                {
                    ...about,
                    name: "revised",
                    from: "available",
                    to: "campaign",
                    amount: sql`(gross - amount)`,
                },
            ],
            now,
        });
        const nothingLeft = released.filter(({ amount }) => amount === 0n).map(({ id }) => id);
        await this.cancel(nothingLeft, "refunded", now);
        return released;
    }

    private settle(which: SQL, now: Date): Promise<Moved[]> {
        const about: Pick<Entry, "payment" | "occasion"> = {
            payment: sql`payment_id`,
            occasion: sql`coalesce(payment_id::text, 'none')`,
        };
        return this.move({
            which: sql`${which} and status = 'settling' ${held}`,
            set: sql`status = 'settled', settled_at = ${instantOf(now)}`,
            entries: [
                { ...about, name: "settled", from: "settling", to: "paid", amount: sql`paid` },
                {
                    ...about,
                    name: "revised",
                    from: "debt",
                    to: "campaign",
                    amount: sql`(gross - amount)`,
                },
            ],
            now,
        });
    }

    private cancelWhere(which: SQL, reason: string, now: Date): Promise<Moved[]> {
        return this.move({
            which: sql`${which} and ${unsettled} ${held}`,
            set: sql`status = 'cancelled', reason = ${reason}, warn_at = null`,
            entries: [{ name: "cancelled", from: standingAt, to: "campaign" }],
            now,
        });
    }

    private async move(step: Move): Promise<Moved[]> {
        const rows = await this.db.rows<MovedRow>(moving(step));
        return rows.map((row) => ({ ...row, amount: BigInt(row.amount) }));
    }
}
