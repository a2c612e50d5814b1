import { and, eq, inArray, isNull, sql } from "drizzle-orm";
import type { Database } from "@/infrastructure/persistence/Database";
import type { GroupId } from "@/utils/ids";
import { personalCodes } from "../db/schema";

export class PersonalCodeRepository {
    constructor(private readonly db: Database) {}

    async findCurrent(groupId: GroupId): Promise<string | undefined> {
        const [found] = await this.db.current
            .select({ code: personalCodes.code })
            .from(personalCodes)
            .where(and(eq(personalCodes.groupId, groupId), personalCodes.isCurrent));
        return found?.code;
    }

    async findOwner(code: string): Promise<GroupId | undefined> {
        const [found] = await this.db.current
            .select({ groupId: personalCodes.groupId })
            .from(personalCodes)
            .where(and(eq(personalCodes.code, code), isNull(personalCodes.retiredAt)));
        return found?.groupId;
    }

    /** Those of them that are somebody's, or once were. */
    async findTaken(codes: readonly string[]): Promise<Set<string>> {
        const found = await this.db.current
            .select({ code: personalCodes.code })
            .from(personalCodes)
            .where(inArray(personalCodes.code, [...codes]));
        return new Set(found.map(({ code }) => code));
    }

    /** Also what the person gave up before. False when it is somebody else's. */
    async add(code: string, groupId: GroupId, createdAt: Date): Promise<boolean> {
        const added = await this.db.current
            .insert(personalCodes)
            .values({ code, groupId, createdAt })
            .onConflictDoUpdate({
                target: personalCodes.code,
                set: { isCurrent: true, retiredAt: null, createdAt },
                setWhere: eq(personalCodes.groupId, groupId),
            })
            .returning({ code: personalCodes.code });
        return added.length > 0;
    }

    /** All that the person has, which after a merge may be several. Says how many there were. */
    async retire(groupId: GroupId, retiredAt: Date): Promise<number> {
        const retired = await this.db.current
            .update(personalCodes)
            .set({ isCurrent: false, retiredAt })
            .where(and(eq(personalCodes.groupId, groupId), isNull(personalCodes.retiredAt)))
            .returning({ code: personalCodes.code });
        return retired.length;
    }

    /** Both codes go on working; the winner's own stays the one that is shown. */
    async reassign(from: GroupId, into: GroupId): Promise<void> {
        await this.db.current.execute(sql`
            update ${personalCodes} code set group_id = ${into}, is_current = code.is_current and not exists (
                select from ${personalCodes} kept where kept.group_id = ${into} and kept.is_current)
            where code.group_id = ${from}`);
    }
}
