import type { Address } from "viem";
import type { Database } from "@/infrastructure/persistence/Database";
import { scaled } from "@/utils/decimal";
import { ConflictError, NotFoundError } from "@/utils/errors";
import { type CampaignId, type CampaignVersionId, type MerchantId, newId } from "@/utils/ids";
import type { Asset } from "@/utils/money";
import type { Clock } from "@/utils/time";
import type { Campaign, CampaignBudget } from "../db/schema";
import type { BudgetRepository } from "../repositories/BudgetRepository";
import type {
    CampaignRepository,
    PageQuery,
    VersionedCampaign,
} from "../repositories/CampaignRepository";
import { assertDefinition } from "./assertDefinition";
import type { Definition } from "./definition";

export type CampaignDraft = {
    merchantId: MerchantId;
    name: string;
    /** Unchecked: it is refused field by field. */
    definition: unknown;
    priority?: number | undefined;
    startsAt?: Date | undefined;
    endsAt?: Date | undefined;
    createdBy: Address;
};
export type CampaignView = VersionedCampaign & { budgets: CampaignBudget[] };

/** Which status each step leads from and to. */
const steps = {
    publish: { from: ["draft"], to: "active" },
    pause: { from: ["active"], to: "paused" },
    resume: { from: ["paused"], to: "active" },
    archive: { from: ["draft", "active", "paused"], to: "archived" },
} as const;
export type CampaignStep = keyof typeof steps;

/** A total budget has one window, which begins with time itself. */
const beginning = new Date(0);

export class CampaignService {
    constructor(
        private readonly db: Database,
        private readonly campaigns: CampaignRepository,
        private readonly budgets: BudgetRepository,
        private readonly clock: Clock
    ) {}

    async create(draft: CampaignDraft, asset: Asset): Promise<CampaignView> {
        const { definition } = draft;
        assertDefinition(definition, asset);
        const campaign = this.newCampaign(draft);
        const version = this.firstVersion(campaign, definition, draft.createdBy);
        const budgets = totalBudgets(campaign.id, definition, asset);
        await this.db.transaction(async () => {
            await this.campaigns.add({ campaign, version });
            await this.budgets.open(budgets);
        });
        return { campaign, version, budgets };
    }

    async get(id: CampaignId): Promise<CampaignView> {
        const found = await this.campaigns.find(id);
        if (!found) throw notFound();
        return { ...found, budgets: await this.budgets.findOf([id]) };
    }

    async list(merchantId: MerchantId, page: PageQuery): Promise<CampaignView[]> {
        const found = await this.campaigns.findOfMerchant(merchantId, page);
        const budgets = await this.budgets.findOf(found.map(({ campaign }) => campaign.id));
        return found.map((one) => ({
            ...one,
            budgets: budgets.filter(({ campaignId }) => campaignId === one.campaign.id),
        }));
    }

    /** `INVALID_TRANSITION` when the campaign is not in a status that this step leads from. */
    async step(id: CampaignId, step: CampaignStep): Promise<CampaignView> {
        const { from, to } = steps[step];
        await this.db.transaction(async () => {
            const found = await this.campaigns.lock(id);
            if (!found) throw notFound();
            const { status } = found.campaign;
            if (!(from as readonly string[]).includes(status)) {
                const message = `A campaign that is ${status} cannot be ${to}`;
                throw new ConflictError("INVALID_TRANSITION", message);
            }
            await this.campaigns.setStatus(id, to);
        });
        return this.get(id);
    }

    private newCampaign({ merchantId, name, priority, startsAt, endsAt }: CampaignDraft): Campaign {
        return {
            id: newId(),
            merchantId,
            name,
            status: "draft",
            priority: priority ?? 0,
            stacking: "all",
            currentVersionId: newId<CampaignVersionId>(),
            startsAt: startsAt ?? null,
            endsAt: endsAt ?? null,
            createdAt: this.clock.now(),
        };
    }

    private firstVersion(
        { id, currentVersionId, createdAt }: Campaign,
        definition: Definition,
        createdBy: Address
    ) {
        const { trigger } = definition;
        return {
            id: currentVersionId,
            campaignId: id,
            number: 1,
            trigger,
            definition,
            createdBy,
            createdAt,
        };
    }
}

function totalBudgets(
    campaignId: CampaignId,
    { budget = [] }: Definition,
    { decimals }: Asset
): CampaignBudget[] {
    return budget.map(({ name, amount }) => ({
        campaignId,
        name,
        windowStartsAt: beginning,
        limit: scaled(amount, decimals),
        used: 0n,
    }));
}

const notFound = () => new NotFoundError("CAMPAIGN_NOT_FOUND", "There is no such campaign");
