import { asc, eq, inArray, sql } from "drizzle-orm";
import type { Address } from "viem";
import type { Database } from "@/infrastructure/persistence/Database";
import { MicroBatch } from "@/infrastructure/persistence/MicroBatch";
import { unnest } from "@/infrastructure/persistence/unnest";
import { authenticators } from "../db/schema";
import type { Authenticator, AuthenticatorStore, Removal, Use } from "./AuthenticatorStore";

type NamedUse = Use & { credentialId: string };

/** Of those who sign in at the same moment many share a statement and its commit. */
export class PostgresAuthenticatorRepository implements AuthenticatorStore {
    private readonly finding = new MicroBatch<string, Authenticator | undefined>((ids) =>
        this.findAll(ids)
    );
    private readonly using = new MicroBatch<NamedUse, boolean>((uses) => this.useAll(uses));

    constructor(private readonly db: Database) {}

    async add(authenticator: Authenticator): Promise<boolean> {
        const added = await this.db.current
            .insert(authenticators)
            .values(authenticator)
            .onConflictDoNothing()
            .returning({ id: authenticators.credentialId });
        return added.length > 0;
    }

    find(credentialId: string): Promise<Authenticator | undefined> {
        return this.finding.add(credentialId);
    }

    async findOfWallet(wallet: Address): Promise<Authenticator[]> {
        return this.db.current
            .select()
            .from(authenticators)
            .where(eq(authenticators.wallet, wallet))
            .orderBy(asc(authenticators.createdAt));
    }

    use(credentialId: string, use: Use): Promise<boolean> {
        return this.using.add({ ...use, credentialId });
    }

    /** One statement that holds all of the wallet's passkeys: of two removals the second counts after the first. */
    async removeUnlessLast({ wallet, credentialId }: Removal): Promise<boolean> {
        const of = sql`${authenticators.wallet} = ${wallet.toLowerCase()}`;
        const [row] = await this.db.rows<{ isRemoved: boolean }>(sql`
            with held as (
                select ${authenticators.credentialId} as id from ${authenticators}
                where ${of} order by 1 for update
            ), removed as (
                delete from ${authenticators} where ${authenticators.credentialId} = ${credentialId}
                and ${of} and (select count(*) from held) > 1
                returning 1
            )
            select exists (select from removed)
                or not exists (select from held where id = ${credentialId}) as "isRemoved"`);
        return row?.isRemoved ?? false;
    }

    async forgetDevices(wallet: Address): Promise<void> {
        await this.db.current
            .update(authenticators)
            .set({ label: null, userAgent: null })
            .where(eq(authenticators.wallet, wallet));
    }

    private async findAll(ids: readonly string[]): Promise<(Authenticator | undefined)[]> {
        const rows = await this.db.current
            .select()
            .from(authenticators)
            .where(inArray(authenticators.credentialId, [...new Set(ids)]));
        const found = new Map(rows.map((row) => [row.credentialId, row]));
        return ids.map((id) => found.get(id));
    }

    /** A passkey that is used twice at once is used once after the other: a statement changes a row once. */
    private async useAll(uses: readonly NamedUse[]): Promise<boolean[]> {
        const first = new Map<string, NamedUse>();
        for (const use of uses) if (!first.has(use.credentialId)) first.set(use.credentialId, use);
        const later = uses.filter((use) => first.get(use.credentialId) !== use);
        const used = await this.useEach([...first.values()]);
        const usedLater = later.length > 0 ? await this.useAll(later) : [];
        return uses.map((use) =>
            first.get(use.credentialId) === use
                ? used.has(use.credentialId)
                : usedLater[later.indexOf(use)] === true
        );
    }

    private async useEach(uses: readonly NamedUse[]): Promise<Set<string>> {
        const rows = await this.db.rows<{ id: string }>(sql`
            update ${authenticators} authenticator
            set counter = input.counter, backed_up = input."backedUp", last_used_at = input.at
            from ${unnest(uses, { credentialId: "text", counter: "bigint", backedUp: "boolean", at: "timestamptz" })}
            where authenticator.credential_id = input."credentialId"
                and (authenticator.counter < input.counter or authenticator.counter = 0 and input.counter = 0)
            returning authenticator.credential_id as id`);
        return new Set(rows.map(({ id }) => id));
    }
}
