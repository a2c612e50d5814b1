import { sharesOf } from "@/domain/attribution";
import {
    assertDefinition,
    type CampaignView,
    type Definition,
    type InteractionService,
    needsOf,
    Simulation,
    type SimulationResult,
} from "@/domain/campaign";
import type { MerchantService } from "@/domain/merchant";
import type { CampaignId, MerchantId } from "@/utils/ids";
import type { Asset } from "@/utils/money";
import { type Clock, days, later } from "@/utils/time";
import type { FactsService } from "./FactsService";
import { type GivenOrder, givenFacts } from "./givenFacts";
import type { ActualRewardRepository, ActualSum } from "./read/ActualRewardRepository";

export type SimulationRequest = {
    merchantId: MerchantId;
    /** The campaign that is about to change, if it is one. */
    campaign: CampaignView | undefined;
    /** Unchecked; absent for the campaign as it is. */
    definition: unknown;
    /** These, or else what happened in the last `days`. */
    orders: readonly GivenOrder[] | undefined;
    days: number;
};
export type SimulationAnswer = {
    asset: Asset;
    simulated: SimulationResult;
    /** What really came of the same time; nothing for orders that were made up. */
    actual: ActualSum[] | undefined;
};

const batchSize = 5_000;

/** What a campaign would do, with the engine that does it; nothing is written. */
export class SimulationOrchestrator {
    constructor(
        private readonly interactions: InteractionService,
        private readonly facts: FactsService,
        private readonly merchants: MerchantService,
        private readonly actual: ActualRewardRepository,
        private readonly clock: Clock
    ) {}

    /** Throws `INVALID_REQUEST` with every fault of the definition. */
    async simulate(request: SimulationRequest): Promise<SimulationAnswer> {
        const { merchantId, campaign, orders } = request;
        const { rewardAsset, timeZone } = await this.merchants.get(merchantId);
        const asset = this.merchants.assetOf(rewardAsset);
        const definition = request.definition ?? campaign?.version.definition;
        assertDefinition(definition, asset);
        const identity = {
            campaignId: campaign?.campaign.id ?? (merchantId as string as CampaignId),
            version: campaign?.version.id ?? "draft",
        };
        const simulation = new Simulation(definition, identity, sharesOf);
        if (!orders) return this.overPast(simulation, definition, { ...request, asset });
        const given = { asset, timeZone, now: this.clock.now() };
        const prices = await this.facts.pricesFor(asset, orders, needsOf(definition));
        for (const facts of givenFacts(orders, { ...given, prices })) simulation.add(facts);
        return { asset, simulated: simulation.end(), actual: undefined };
    }

    private async overPast(
        simulation: Simulation,
        definition: Definition,
        { merchantId, campaign, days: count, asset }: SimulationRequest & { asset: Asset }
    ): Promise<SimulationAnswer> {
        const since = later(this.clock.now(), -days(count));
        const { trigger } = definition;
        const needs = needsOf(definition);
        for await (const batch of this.interactions.past(
            { merchantId, trigger, since },
            batchSize
        )) {
            const governed = batch.map((interaction) => ({ interaction, campaigns: [] }));
            for (const { facts } of await this.facts.gather(governed, needs)) simulation.add(facts);
        }
        const campaignId = campaign?.campaign.id;
        const actual = await this.actual.sumsOf({ merchantId, campaignId, trigger, since });
        return { asset, simulated: simulation.end(), actual };
    }
}
