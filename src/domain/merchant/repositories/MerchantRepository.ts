import { and, asc, desc, eq, inArray, lt } from "drizzle-orm";
import type { Address } from "viem";
import type { Database } from "@/infrastructure/persistence/Database";
import type { MerchantId } from "@/utils/ids";
import { merchantDomains, merchantRoles, merchants } from "../db/schema";

export type Merchant = typeof merchants.$inferSelect;
export type Role = (typeof merchantRoles.$inferSelect)["role"];
export type PageQuery = { limit: number; before: string | undefined };

export class MerchantRepository {
    constructor(private readonly db: Database) {}

    async add(merchant: Merchant): Promise<void> {
        await this.db.current.insert(merchants).values(merchant);
    }

    async find(id: MerchantId): Promise<Merchant | undefined> {
        const [found] = await this.db.current.select().from(merchants).where(eq(merchants.id, id));
        return found;
    }

    async update(id: MerchantId, change: Pick<Merchant, "name" | "timeZone">): Promise<void> {
        await this.db.current.update(merchants).set(change).where(eq(merchants.id, id));
    }

    /** False when the domain is somebody's already. */
    async addDomain(domain: typeof merchantDomains.$inferInsert): Promise<boolean> {
        const added = await this.db.current
            .insert(merchantDomains)
            .values(domain)
            .onConflictDoNothing()
            .returning({ domain: merchantDomains.domain });
        return added.length > 0;
    }

    async hasDomain(domain: string): Promise<boolean> {
        const found = await this.db.current
            .select({ domain: merchantDomains.domain })
            .from(merchantDomains)
            .where(eq(merchantDomains.domain, domain));
        return found.length > 0;
    }

    async findByDomain(domain: string): Promise<MerchantId | undefined> {
        const [found] = await this.db.current
            .select({ merchantId: merchantDomains.merchantId })
            .from(merchantDomains)
            .where(eq(merchantDomains.domain, domain));
        return found?.merchantId;
    }

    /** By merchant, the main domain first. */
    async findDomainsOf(ids: readonly MerchantId[]): Promise<Map<MerchantId, string[]>> {
        const found = await this.db.current
            .select()
            .from(merchantDomains)
            .where(inArray(merchantDomains.merchantId, [...ids]))
            .orderBy(desc(merchantDomains.isMain), asc(merchantDomains.domain));
        const byMerchant = Map.groupBy(found, ({ merchantId }) => merchantId);
        return new Map([...byMerchant].map(([id, rows]) => [id, rows.map(({ domain }) => domain)]));
    }

    async setRole(merchantId: MerchantId, wallet: Address, role: Role): Promise<void> {
        await this.db.current.insert(merchantRoles).values({ merchantId, wallet, role });
    }

    async findRole(merchantId: MerchantId, wallet: Address): Promise<Role | undefined> {
        const [found] = await this.db.current
            .select({ role: merchantRoles.role })
            .from(merchantRoles)
            .where(and(eq(merchantRoles.merchantId, merchantId), eq(merchantRoles.wallet, wallet)));
        return found?.role;
    }

    async findOf(
        wallet: Address,
        { limit, before }: PageQuery
    ): Promise<{ merchant: Merchant; role: Role }[]> {
        const older = before ? lt(merchants.id, before as MerchantId) : undefined;
        return this.db.current
            .select({ merchant: merchants, role: merchantRoles.role })
            .from(merchantRoles)
            .innerJoin(merchants, eq(merchants.id, merchantRoles.merchantId))
            .where(and(eq(merchantRoles.wallet, wallet), older))
            .orderBy(desc(merchants.id))
            .limit(limit);
    }
}
