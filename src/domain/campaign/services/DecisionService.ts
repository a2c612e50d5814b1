import type { EvaluationId, PurchaseId } from "@/utils/ids";
import type {
    Campaign,
    CampaignVersion,
    DecisionRow,
    Interaction,
    LaterDecisionRow,
} from "../db/schema";
import type { CampaignRepository, VersionedCampaign } from "../repositories/CampaignRepository";
import type { EvaluationRepository, Whose } from "../repositories/EvaluationRepository";
import type { PurchaseKey } from "../repositories/isOpenedBy";
import { impersonal, impersonalTrace } from "./impersonal";
import type { Snapshot } from "./snapshot";
import type { CampaignTrace } from "./trace";

/** A campaign's look at a purchase: under which version, what it came to owe, if anything, and by what. */
export type Look = {
    campaign: Campaign;
    version: CampaignVersion;
    evaluationId: EvaluationId | undefined;
    /** What it decided that it owes, oldest first: the decision, and what was added when the order grew. */
    decided: { snapshot: Snapshot; decided: CampaignTrace }[];
};
/** What was decided about a purchase; campaigns by priority. */
export type Decided = {
    interaction: Interaction;
    purchaseId: PurchaseId;
    snapshot: Snapshot;
    looks: Look[];
    /** How often something was added to it. */
    additions: number;
};

/** What was decided, for whoever looks at it again. */
export class DecisionService {
    constructor(
        private readonly evaluations: EvaluationRepository,
        private readonly campaigns: CampaignRepository
    ) {}

    /** Every campaign that looked at these purchases, whether it owes something for them or not. */
    async findDecided(purchases: readonly PurchaseKey[]): Promise<Decided[]> {
        const all = await this.evaluations.findDecisions(purchases);
        // What was decided before facts were kept stays as it is.
        const found = all.filter(({ decision }) => decision.facts.purchase);
        if (found.length === 0) return [];
        const ids = found.map(({ interaction }) => interaction.id);
        const later = Map.groupBy(
            await this.evaluations.findLater(ids),
            ({ interactionId }) => interactionId
        );
        const owing = new Map(
            (await this.evaluations.findEvaluations(ids)).map((one) => [
                `${one.interactionId}:${one.campaignId}`,
                one.id,
            ])
        );
        const versions = await this.versionsOf(found.map(({ decision }) => decision));
        return found.map(({ interaction, decision }) => {
            const added = later.get(interaction.id) ?? [];
            return {
                interaction,
                purchaseId: interaction.subject as PurchaseId,
                snapshot: decision.facts,
                additions: added.length,
                looks: decision.traces.flatMap((first) => {
                    const known = versions.get(nameOf(first));
                    if (!known) return [];
                    const evaluationId = owing.get(`${interaction.id}:${first.campaignId}`);
                    const decided = [decision, ...added].flatMap((one) => owedIn(one, first));
                    return [{ ...asDecidedThen(known, first), evaluationId, decided }];
                }),
            };
        });
    }

    /** What a person did stays decided; what it said of them beyond amounts and times goes. */
    async erase(whose: Whose): Promise<void> {
        const rows = await this.evaluations.findOf(whose);
        await this.evaluations.replace(rows.map(withoutWords));
        const later = await this.evaluations.findLaterOf(whose);
        await this.evaluations.replaceLater(later.map(withoutWords));
        await this.evaluations.eraseData(whose);
    }

    private async versionsOf(
        decisions: readonly DecisionRow[]
    ): Promise<Map<string, VersionedCampaign>> {
        const keys = new Map(
            decisions.flatMap(({ traces }) =>
                traces.map((one) => [
                    nameOf(one),
                    { campaignId: one.campaignId, number: one.campaignVersion },
                ])
            )
        );
        const found = await this.campaigns.findNumbered([...keys.values()]);
        return new Map(
            found.map((one) => {
                const { campaignId, number: campaignVersion } = one.version;
                return [nameOf({ campaignId, campaignVersion }), one];
            })
        );
    }
}

const nameOf = ({
    campaignId,
    campaignVersion,
}: Pick<CampaignTrace, "campaignId" | "campaignVersion">): string =>
    `${campaignId}:${campaignVersion}`;

/** How a campaign stands beside others is as it was then. */
function asDecidedThen(
    { campaign, version }: VersionedCampaign,
    { rule: stacking = campaign.stacking }: CampaignTrace
): VersionedCampaign {
    return { campaign: { ...campaign, stacking }, version };
}

const owing = new Set<CampaignTrace["outcome"]>(["rewarded", "queued"]);

function owedIn(
    { traces, facts: snapshot }: Pick<LaterDecisionRow, "traces" | "facts">,
    { campaignId }: CampaignTrace
): Look["decided"] {
    const decided = traces.find((one) => one.campaignId === campaignId);
    return decided && owing.has(decided.outcome) ? [{ snapshot, decided }] : [];
}

const withoutWords = <Row extends Pick<DecisionRow, "facts" | "traces">>(row: Row): Row => ({
    ...row,
    facts: impersonal(row.facts),
    traces: row.traces.map(impersonalTrace),
});
