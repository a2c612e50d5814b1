import { eq, type SQL, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import { touchpoints } from "@/domain/attribution/db/schema";
import { campaignCaps, capTakings, interactions } from "@/domain/campaign/db/schema";
import { identityKeys, identityNodes } from "@/domain/identity/db/schema";
import { missingRewards, purchaseClaims, purchases } from "@/domain/purchases/db/schema";
import { personalCodes, referralEdges, shareCodes } from "@/domain/referral/db/schema";
import { rewardClaims, rewards } from "@/domain/rewards/db/schema";
import type { Database } from "@/infrastructure/persistence/Database";
import type { GroupId } from "@/utils/ids";

type Held = { name: string; key: PgColumn; group: PgColumn };

/** What tells a person's rows apart from those that they are merged with, for as long as they live. */
const held: readonly Held[] = [
    { name: "identity_nodes", key: identityNodes.id, group: identityNodes.groupId },
    { name: "identity_keys", key: identityKeys.id, group: identityKeys.groupId },
    { name: "touchpoints", key: touchpoints.id, group: touchpoints.groupId },
    { name: "touchpoints_referred", key: touchpoints.id, group: touchpoints.referrerGroupId },
    { name: "share_codes", key: shareCodes.code, group: shareCodes.groupId },
    { name: "personal_codes", key: personalCodes.code, group: personalCodes.groupId },
    { name: "referred_by", key: referralEdges.id, group: referralEdges.refereeGroupId },
    { name: "referral_edges", key: referralEdges.id, group: referralEdges.referrerGroupId },
    { name: "purchases", key: purchases.id, group: purchases.groupId },
    { name: "purchase_claims", key: purchaseClaims.id, group: purchaseClaims.groupId },
    { name: "missing_rewards", key: missingRewards.id, group: missingRewards.groupId },
    { name: "campaign_caps", key: campaignCaps.campaignId, group: campaignCaps.groupId },
    { name: "cap_takings", key: capTakings.evaluationId, group: capTakings.groupId },
    { name: "reward_claims", key: rewardClaims.id, group: rewardClaims.groupId },
    { name: "interactions", key: interactions.id, group: interactions.groupId },
    { name: "rewards", key: rewards.id, group: rewards.groupId },
];

/** Which rows are a person's, by table: what a merge would have to give back. */
export class HeldRowsRepository {
    constructor(private readonly db: Database) {}

    async of(groupId: GroupId): Promise<Record<string, string[]>> {
        const parts = held.map((one) => keysIn(one, groupId));
        const rows = await this.db.rows<{ name: string; key: string }>(
            sql.join(parts, sql` union all `)
        );
        const byName: Record<string, string[]> = {};
        for (const { name, key } of rows) byName[name] = [...(byName[name] ?? []), key];
        return byName;
    }
}

const keysIn = ({ name, key, group }: Held, groupId: GroupId): SQL =>
    sql`select ${name}::text as name, ${key}::text as key from ${key.table} where ${eq(group, groupId)}`;
