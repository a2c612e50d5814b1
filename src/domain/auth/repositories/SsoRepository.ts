import { and, eq, gt, isNotNull, isNull, lt, type SQL } from "drizzle-orm";
import type { Database } from "@/infrastructure/persistence/Database";
import type { SsoId } from "@/utils/ids";
import { ssoRequests } from "../db/schema";

export type SsoRequest = typeof ssoRequests.$inferSelect;
export type Approval = { wallet: NonNullable<SsoRequest["wallet"]> } & {
    sessionId: NonNullable<SsoRequest["sessionId"]>;
};

export class SsoRepository {
    constructor(private readonly db: Database) {}

    async add(request: SsoRequest): Promise<void> {
        await this.db.current.insert(ssoRequests).values(request);
    }

    async findOpen(id: SsoId, now: Date): Promise<SsoRequest | undefined> {
        const [found] = await this.db.current.select().from(ssoRequests).where(isOpen(id, now));
        return found;
    }

    /** Nothing when somebody agreed already, or it is too late. */
    async approve(id: SsoId, approval: Approval, now: Date): Promise<SsoRequest | undefined> {
        const [approved] = await this.db.current
            .update(ssoRequests)
            .set({ ...approval, approvedAt: now })
            .where(and(isOpen(id, now), isNull(ssoRequests.approvedAt)))
            .returning();
        return approved;
    }

    /** Of many who come at once with the right proof, one gets it. */
    async consume(id: SsoId, codeChallenge: string, now: Date): Promise<SsoRequest | undefined> {
        const [consumed] = await this.db.current
            .update(ssoRequests)
            .set({ consumedAt: now })
            .where(
                and(
                    isOpen(id, now),
                    eq(ssoRequests.codeChallenge, codeChallenge),
                    isNotNull(ssoRequests.approvedAt)
                )
            )
            .returning();
        return consumed;
    }

    async deleteExpired(now: Date): Promise<void> {
        await this.db.current.delete(ssoRequests).where(lt(ssoRequests.expiresAt, now));
    }
}

const isOpen = (id: SsoId, now: Date): SQL | undefined =>
    and(eq(ssoRequests.id, id), isNull(ssoRequests.consumedAt), gt(ssoRequests.expiresAt, now));
