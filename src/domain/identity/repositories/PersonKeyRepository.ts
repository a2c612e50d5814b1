import { and, asc, eq, inArray, notExists, sql } from "drizzle-orm";
import type { Database } from "@/infrastructure/persistence/Database";
import type { GroupId } from "@/utils/ids";
import { identityKeys, identityNodes, type PersonKeyId } from "../db/schema";

export type PersonKey = typeof identityKeys.$inferSelect;

export class PersonKeyRepository {
    constructor(private readonly db: Database) {}

    async add(key: PersonKey): Promise<void> {
        await this.db.current.insert(identityKeys).values(key);
    }

    /** Oldest first. */
    async findOfGroup(groupId: GroupId): Promise<PersonKey[]> {
        return this.db.current
            .select()
            .from(identityKeys)
            .where(eq(identityKeys.groupId, groupId))
            .orderBy(asc(identityKeys.id));
    }

    async findMany(ids: readonly PersonKeyId[]): Promise<PersonKey[]> {
        if (ids.length === 0) return [];
        return this.db.current
            .select()
            .from(identityKeys)
            .where(inArray(identityKeys.id, [...ids]));
    }

    /** Destroys what no identifier is sealed with any more. */
    async erase({ groupId }: { groupId: GroupId }): Promise<void> {
        const user = this.db.current
            .select({ one: sql`1` })
            .from(identityNodes)
            .where(eq(identityNodes.keyId, identityKeys.id));
        await this.db.current
            .delete(identityKeys)
            .where(and(eq(identityKeys.groupId, groupId), notExists(user)));
    }

    async reassign(from: GroupId, into: GroupId): Promise<void> {
        await this.db.current
            .update(identityKeys)
            .set({ groupId: into })
            .where(eq(identityKeys.groupId, from));
    }
}
