import { and, eq, inArray, lt } from "drizzle-orm";
import type { SecretBox } from "@/infrastructure/crypto/SecretBox";
import type { Database } from "@/infrastructure/persistence/Database";
import { type Clock, hours, later, minutes } from "@/utils/time";
import { idempotencyKeys } from "./db/schema";

export type IdempotencyKey = { caller: string; key: string };
export type KeptAnswer = { status: number; headers: Record<string, string>; body: string };
/** What a key means at this moment: ours to run, another request's, or answered already. */
export type Turn =
    | { state: "ours" }
    | { state: "running" }
    | { state: "reused" }
    | { state: "answered"; answer: KeptAnswer };

const keptMs = hours(24);
/** A request that has not answered by now died with its process. */
const abandonedMs = minutes(2);

/**
 * First answers, kept in Postgres so that every process and every restart gives the same one again. Sealed,
 * because some hold what is shown only once: tokens, a webhook's secret.
 */
export class IdempotencyStore {
    constructor(
        private readonly db: Database,
        private readonly secretBox: SecretBox,
        private readonly clock: Clock
    ) {}

    async begin(id: IdempotencyKey, fingerprint: string): Promise<Turn> {
        const now = this.clock.now();
        const begun = await this.db.current
            .insert(idempotencyKeys)
            .values({ ...id, fingerprint, expiresAt: later(now, abandonedMs) })
            .onConflictDoUpdate({
                target: [idempotencyKeys.caller, idempotencyKeys.key],
                set: {
                    fingerprint,
                    status: null,
                    headers: null,
                    body: null,
                    expiresAt: later(now, abandonedMs),
                },
                setWhere: lt(idempotencyKeys.expiresAt, now),
            })
            .returning({ key: idempotencyKeys.key });
        return begun.length > 0 ? { state: "ours" } : this.turnOf(id, fingerprint);
    }

    async keep(id: IdempotencyKey, answer: KeptAnswer): Promise<void> {
        const body = this.secretBox.seal(answer.body, contextOf(id));
        await this.db.current
            .update(idempotencyKeys)
            .set({ ...answer, body, expiresAt: later(this.clock.now(), keptMs) })
            .where(is(id));
    }

    /** The request had no answer worth keeping: the key is free again. */
    async forget(id: IdempotencyKey): Promise<void> {
        await this.db.current.delete(idempotencyKeys).where(is(id));
    }

    /** Nothing that these callers were answered is kept. */
    async eraseOf(callers: readonly string[]): Promise<void> {
        if (callers.length === 0) return;
        await this.db.current
            .delete(idempotencyKeys)
            .where(inArray(idempotencyKeys.caller, [...callers]));
    }

    async deleteExpired(now: Date): Promise<void> {
        await this.db.current.delete(idempotencyKeys).where(lt(idempotencyKeys.expiresAt, now));
    }

    private async turnOf(id: IdempotencyKey, fingerprint: string): Promise<Turn> {
        const [kept] = await this.db.current.select().from(idempotencyKeys).where(is(id));
        if (!kept) return { state: "running" };
        if (kept.fingerprint !== fingerprint) return { state: "reused" };
        const { status, headers, body: sealed } = kept;
        if (status === null) return { state: "running" };
        const body = sealed === null ? "" : this.secretBox.open(sealed, contextOf(id));
        return { state: "answered", answer: { status, headers: headers ?? {}, body } };
    }
}

const contextOf = ({ caller, key }: IdempotencyKey): string => `idempotency:${caller}:${key}`;

const is = ({ caller, key }: IdempotencyKey) =>
    and(eq(idempotencyKeys.caller, caller), eq(idempotencyKeys.key, key));
