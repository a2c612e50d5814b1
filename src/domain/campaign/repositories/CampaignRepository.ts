import { and, asc, desc, eq, inArray, lt, sql } from "drizzle-orm";
import type { Database } from "@/infrastructure/persistence/Database";
import { unnest } from "@/infrastructure/persistence/unnest";
import type { CampaignId, CampaignVersionId, MerchantId } from "@/utils/ids";
import { type Campaign, type CampaignVersion, campaigns, campaignVersions } from "../db/schema";

export type VersionedCampaign = { campaign: Campaign; version: CampaignVersion };
export type PageQuery = { limit: number; before: string | undefined };

export class CampaignRepository {
    constructor(private readonly db: Database) {}

    async add({ campaign, version }: VersionedCampaign): Promise<void> {
        await this.db.current.insert(campaignVersions).values(version);
        await this.db.current.insert(campaigns).values(campaign);
    }

    async find(id: CampaignId): Promise<VersionedCampaign | undefined> {
        const [found] = await this.versioned().where(eq(campaigns.id, id));
        return found;
    }

    /** Ours until the transaction ends: its status and version stay as they are read. */
    async lock(id: CampaignId): Promise<VersionedCampaign | undefined> {
        const [found] = await this.versioned()
            .where(eq(campaigns.id, id))
            .for("update", { of: campaigns });
        return found;
    }

    async findOfMerchant(
        merchantId: MerchantId,
        { limit, before }: PageQuery
    ): Promise<VersionedCampaign[]> {
        const older = before ? lt(campaigns.id, before as CampaignId) : undefined;
        return this.versioned()
            .where(and(eq(campaigns.merchantId, merchantId), older))
            .orderBy(desc(campaigns.id))
            .limit(limit);
    }

    /** Highest priority first; within one priority, oldest first. */
    async findActive(merchantIds: readonly MerchantId[]): Promise<VersionedCampaign[]> {
        return this.versioned()
            .where(
                and(inArray(campaigns.merchantId, [...merchantIds]), eq(campaigns.status, "active"))
            )
            .orderBy(desc(campaigns.priority), asc(campaigns.id));
    }

    /** Newest first. */
    async findVersions(campaignIds: readonly CampaignId[]): Promise<CampaignVersion[]> {
        if (campaignIds.length === 0) return [];
        return this.db.current
            .select()
            .from(campaignVersions)
            .where(inArray(campaignVersions.campaignId, [...campaignIds]))
            .orderBy(desc(campaignVersions.number));
    }

    async findVersionsById(ids: readonly CampaignVersionId[]): Promise<CampaignVersion[]> {
        if (ids.length === 0) return [];
        return this.db.current
            .select()
            .from(campaignVersions)
            .where(inArray(campaignVersions.id, [...ids]));
    }

    /** These versions of these campaigns, with the campaigns as they are now. */
    async findNumbered(
        keys: readonly Pick<CampaignVersion, "campaignId" | "number">[]
    ): Promise<VersionedCampaign[]> {
        if (keys.length === 0) return [];
        const { campaignId, number } = campaignVersions;
        return this.db.current
            .select({ campaign: campaigns, version: campaignVersions })
            .from(campaignVersions)
            .innerJoin(campaigns, eq(campaigns.id, campaignId))
            .where(
                sql`(${campaignId}, ${number})
                    in (select * from ${unnest(keys, { campaignId: "uuid", number: "integer" })})`
            );
    }

    /** Newest first, older than the version `before`. */
    async findVersionPage(
        campaignId: CampaignId,
        { limit, before }: PageQuery
    ): Promise<CampaignVersion[]> {
        const older = before ? lt(campaignVersions.id, before as CampaignVersionId) : undefined;
        return this.db.current
            .select()
            .from(campaignVersions)
            .where(and(eq(campaignVersions.campaignId, campaignId), older))
            .orderBy(desc(campaignVersions.id))
            .limit(limit);
    }

    async addVersion(version: CampaignVersion): Promise<void> {
        await this.db.current.insert(campaignVersions).values(version);
    }

    async update({ id, ...campaign }: Campaign): Promise<void> {
        await this.db.current.update(campaigns).set(campaign).where(eq(campaigns.id, id));
    }

    /** Its versions stay: they are never written over. */
    async delete(id: CampaignId): Promise<void> {
        await this.db.current.delete(campaigns).where(eq(campaigns.id, id));
    }

    private versioned() {
        return this.db.current
            .select({ campaign: campaigns, version: campaignVersions })
            .from(campaigns)
            .innerJoin(
                campaignVersions,
                sql`${campaignVersions.id} = ${campaigns.currentVersionId}`
            );
    }
}
