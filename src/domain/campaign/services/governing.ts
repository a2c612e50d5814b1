import type { Interaction } from "../db/schema";
import type { VersionedCampaign } from "../repositories/CampaignRepository";

/** A campaign governs what happened while it ran, whenever it is decided. */
export function isLive(
    { campaign, version }: VersionedCampaign,
    interaction: Interaction
): boolean {
    const { startsAt, endsAt } = campaign;
    const { merchantId, trigger, occurredAt } = interaction;
    return (
        campaign.merchantId === merchantId &&
        version.trigger === trigger &&
        (!startsAt || startsAt <= occurredAt) &&
        (!endsAt || occurredAt < endsAt)
    );
}

/**
 * Each campaign with the version that was in force at that moment. `versions` are all of them, newest first; what
 * happened before it first went live is governed by the version that it went live with.
 */
export function inForce(
    { campaign, version }: VersionedCampaign,
    versions: readonly VersionedCampaign["version"][],
    at: Date
): VersionedCampaign {
    const { publishedAt } = campaign;
    const moment = publishedAt && publishedAt > at ? publishedAt : at;
    const then = versions.find((one) => one.createdAt <= moment);
    return { campaign, version: then ?? version };
}
