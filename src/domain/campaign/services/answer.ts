import type { EvaluationId } from "@/utils/ids";
import type { Asset } from "@/utils/money";
import type { Campaign, CampaignVersion, Interaction } from "../db/schema";
import type { VersionedCampaign } from "../repositories/CampaignRepository";
import type { Decision } from "./decision";
import type { Facts } from "./facts";
import type { Trace } from "./trace";

/** What happened, and the campaigns that were live for it, highest priority first. */
export type Governed = { interaction: Interaction; campaigns: VersionedCampaign[] };
export type Question = Governed & { facts: Facts };
export type Answer = {
    interaction: Interaction;
    facts: Facts;
    asset: Asset;
    campaign: Campaign;
    version: CampaignVersion;
    evaluationId: EvaluationId;
    decision: Decision & { trace: Trace };
};
