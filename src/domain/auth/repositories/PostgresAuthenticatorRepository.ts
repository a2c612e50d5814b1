import { and, asc, eq, lt, or, sql } from "drizzle-orm";
import type { Address } from "viem";
import type { Database } from "@/infrastructure/persistence/Database";
import { authenticators } from "../db/schema";
import type { Authenticator, AuthenticatorStore, Removal, Use } from "./AuthenticatorStore";

export class PostgresAuthenticatorRepository implements AuthenticatorStore {
    constructor(private readonly db: Database) {}

    async add(authenticator: Authenticator): Promise<boolean> {
        const added = await this.db.current
            .insert(authenticators)
            .values(authenticator)
            .onConflictDoNothing()
            .returning({ id: authenticators.credentialId });
        return added.length > 0;
    }

    async find(credentialId: string): Promise<Authenticator | undefined> {
        const [found] = await this.db.current
            .select()
            .from(authenticators)
            .where(eq(authenticators.credentialId, credentialId));
        return found;
    }

    async findOfWallet(wallet: Address): Promise<Authenticator[]> {
        return this.db.current
            .select()
            .from(authenticators)
            .where(eq(authenticators.wallet, wallet))
            .orderBy(asc(authenticators.createdAt));
    }

    async use(credentialId: string, { counter, backedUp, at }: Use): Promise<boolean> {
        const doesNotCount = counter === 0 ? eq(authenticators.counter, 0) : undefined;
        const used = await this.db.current
            .update(authenticators)
            .set({ counter, backedUp, lastUsedAt: at })
            .where(
                and(
                    eq(authenticators.credentialId, credentialId),
                    or(lt(authenticators.counter, counter), doesNotCount)
                )
            )
            .returning({ id: authenticators.credentialId });
        return used.length > 0;
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
}
