import { and, asc, count, eq, gt, inArray, isNotNull, isNull, lt, lte, sql } from "drizzle-orm";
import type { Database } from "@/infrastructure/persistence/Database";
import type { GroupId } from "@/utils/ids";
import { identityMailCodes, type MailCode, type MailCodeId } from "../db/schema";
import type { ErasureScope } from "./IdentityRepository";

export type MailCodeKey = Pick<MailCode, "groupId" | "lookup">;
export type NewMailCode = Omit<MailCode, "guesses" | "spentAt" | "sendings" | "lastError">;

export class MailCodeRepository {
    constructor(private readonly db: Database) {}

    /** One code at a time for a person and for an address, until the transaction ends. */
    async lock({ groupId, lookup }: MailCodeKey): Promise<void> {
        for (const name of [groupId, lookup].sort()) {
            await this.db.current.execute(
                sql`select pg_advisory_xact_lock(hashtextextended(${`mail-code:${name}`}, 0))`
            );
        }
    }

    /** How many the person asked for since then, and how many were to go to the address: the larger. */
    async countSince({ groupId, lookup }: MailCodeKey, since: Date): Promise<number> {
        const isSince = gt(identityMailCodes.createdAt, since);
        const [theirs] = await this.db.current
            .select({ count: count() })
            .from(identityMailCodes)
            .where(and(eq(identityMailCodes.groupId, groupId), isSince));
        const [there] = await this.db.current
            .select({ count: count() })
            .from(identityMailCodes)
            .where(and(eq(identityMailCodes.lookup, lookup), isSince));
        return Math.max(theirs?.count ?? 0, there?.count ?? 0);
    }

    async add(code: NewMailCode): Promise<void> {
        await this.db.current.insert(identityMailCodes).values(code);
    }

    /** Those that the person asked for before are worth nothing any more, and are not sent. */
    async retire(groupId: GroupId, now: Date): Promise<void> {
        await this.db.current
            .update(identityMailCodes)
            .set({ sealedAddress: null, expiresAt: now })
            .where(
                and(eq(identityMailCodes.groupId, groupId), gt(identityMailCodes.expiresAt, now))
            );
    }

    /** Counts a guess, and says at which codes it is one: nothing where there were enough. */
    async guess({ groupId, lookup }: MailCodeKey, most: number, now: Date): Promise<MailCodeId[]> {
        const guessed = await this.db.current
            .update(identityMailCodes)
            .set({ guesses: sql`${identityMailCodes.guesses} + 1` })
            .where(
                and(
                    eq(identityMailCodes.groupId, groupId),
                    eq(identityMailCodes.lookup, lookup),
                    lt(identityMailCodes.guesses, most),
                    isNull(identityMailCodes.spentAt),
                    gt(identityMailCodes.expiresAt, now)
                )
            )
            .returning({ id: identityMailCodes.id });
        return guessed.map(({ id }) => id);
    }

    /** Of many who know the same code, one has it. */
    async spend(id: MailCodeId, now: Date): Promise<boolean> {
        const spent = await this.db.current
            .update(identityMailCodes)
            .set({ spentAt: now, sealedAddress: null })
            .where(and(eq(identityMailCodes.id, id), isNull(identityMailCodes.spentAt)))
            .returning({ id: identityMailCodes.id });
        return spent.length > 0;
    }

    /** Those that are to be sent now; nobody else takes them before `until`. */
    async takeDue(now: Date, until: Date, limit: number): Promise<MailCode[]> {
        const due = this.db.current
            .select({ id: identityMailCodes.id })
            .from(identityMailCodes)
            .where(
                and(
                    isNotNull(identityMailCodes.sealedAddress),
                    lte(identityMailCodes.dueAt, now),
                    gt(identityMailCodes.expiresAt, now)
                )
            )
            .orderBy(asc(identityMailCodes.dueAt), asc(identityMailCodes.id))
            .limit(limit)
            .for("update", { skipLocked: true });
        return this.db.current
            .update(identityMailCodes)
            .set({ dueAt: until, sendings: sql`${identityMailCodes.sendings} + 1` })
            .where(inArray(identityMailCodes.id, due))
            .returning();
    }

    async change(id: MailCodeId, change: Partial<MailCode>): Promise<void> {
        await this.db.current
            .update(identityMailCodes)
            .set(change)
            .where(eq(identityMailCodes.id, id));
    }

    /** A shop that forgets its customer does not speak for what they told us themselves. */
    async erase({ groupId, merchantId }: ErasureScope): Promise<void> {
        if (merchantId) return;
        await this.db.current
            .delete(identityMailCodes)
            .where(eq(identityMailCodes.groupId, groupId));
    }

    async reassign(from: GroupId, into: GroupId): Promise<void> {
        await this.db.current
            .update(identityMailCodes)
            .set({ groupId: into })
            .where(eq(identityMailCodes.groupId, from));
    }

    async deleteBefore(time: Date): Promise<void> {
        await this.db.current
            .delete(identityMailCodes)
            .where(lt(identityMailCodes.createdAt, time));
    }
}
