import { and, eq, gt, lt } from "drizzle-orm";
import type { Database } from "@/infrastructure/persistence/Database";
import type { GroupId } from "@/utils/ids";
import { type Handover, identityHandovers } from "../db/schema";
import type { ErasureScope } from "./IdentityRepository";

export type HandoverKey = Pick<Handover, "kind" | "lookup">;

export class HandoverRepository {
    constructor(private readonly db: Database) {}

    /** False when the same secret is out already. */
    async add(handover: Handover): Promise<boolean> {
        const added = await this.db.current
            .insert(identityHandovers)
            .values(handover)
            .onConflictDoNothing()
            .returning({ lookup: identityHandovers.lookup });
        return added.length > 0;
    }

    async find(key: HandoverKey, now: Date): Promise<Handover | undefined> {
        const [found] = await this.db.current
            .select()
            .from(identityHandovers)
            .where(and(is(key), gt(identityHandovers.expiresAt, now)));
        return found;
    }

    /** Of many who present the same one, one gets it. */
    async take(key: HandoverKey, now: Date): Promise<Handover | undefined> {
        const [taken] = await this.db.current
            .delete(identityHandovers)
            .where(and(is(key), gt(identityHandovers.expiresAt, now)))
            .returning();
        return taken;
    }

    async erase({ groupId, merchantId }: ErasureScope): Promise<void> {
        const isTheShops = merchantId ? eq(identityHandovers.merchantId, merchantId) : undefined;
        await this.db.current
            .delete(identityHandovers)
            .where(and(eq(identityHandovers.groupId, groupId), isTheShops));
    }

    async reassign(from: GroupId, into: GroupId): Promise<void> {
        await this.db.current
            .update(identityHandovers)
            .set({ groupId: into })
            .where(eq(identityHandovers.groupId, from));
    }

    async deleteExpired(now: Date): Promise<void> {
        await this.db.current.delete(identityHandovers).where(lt(identityHandovers.expiresAt, now));
    }
}

const is = ({ kind, lookup }: HandoverKey) =>
    and(eq(identityHandovers.lookup, lookup), eq(identityHandovers.kind, kind));
