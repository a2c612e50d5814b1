import { and, desc, eq, isNull, lt } from "drizzle-orm";
import type { Database } from "@/infrastructure/persistence/Database";
import type { ApiKeyId, MerchantId } from "@/utils/ids";
import { apiKeys } from "../db/schema";

export type ApiKey = typeof apiKeys.$inferSelect;
export type KeyMode = ApiKey["mode"];
type KeyPage = { limit: number; before: string | undefined };

export class ApiKeyRepository {
    constructor(private readonly db: Database) {}

    async add(key: ApiKey): Promise<void> {
        await this.db.current.insert(apiKeys).values(key);
    }

    async findAlive(hash: string): Promise<ApiKey | undefined> {
        const [found] = await this.db.current
            .select()
            .from(apiKeys)
            .where(and(eq(apiKeys.hash, hash), isNull(apiKeys.revokedAt)));
        return found;
    }

    /** Those that can still be used, newest first. */
    async findOf(merchantId: MerchantId, { limit, before }: KeyPage): Promise<ApiKey[]> {
        const older = before ? lt(apiKeys.id, before as ApiKeyId) : undefined;
        return this.db.current
            .select()
            .from(apiKeys)
            .where(and(eq(apiKeys.merchantId, merchantId), isNull(apiKeys.revokedAt), older))
            .orderBy(desc(apiKeys.id))
            .limit(limit);
    }

    /** False when the merchant has no such key in use. */
    async revoke(merchantId: MerchantId, id: ApiKeyId, revokedAt: Date): Promise<boolean> {
        const revoked = await this.db.current
            .update(apiKeys)
            .set({ revokedAt })
            .where(
                and(
                    eq(apiKeys.id, id),
                    eq(apiKeys.merchantId, merchantId),
                    isNull(apiKeys.revokedAt)
                )
            )
            .returning({ id: apiKeys.id });
        return revoked.length > 0;
    }
}
