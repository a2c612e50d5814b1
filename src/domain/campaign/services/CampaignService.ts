import type { Address } from "viem";
import type { Database } from "@/infrastructure/persistence/Database";
import { beginning, windowEnd, windowStart } from "@/utils/calendar";
import { ConflictError, NotFoundError } from "@/utils/errors";
import { type CampaignId, type CampaignVersionId, type MerchantId, newId } from "@/utils/ids";
import type { Asset } from "@/utils/money";
import { invalidRequest } from "@/utils/schema";
import type { Clock } from "@/utils/time";
import type { Campaign, CampaignBudget, CampaignVersion } from "../db/schema";
import type { BudgetRepository } from "../repositories/BudgetRepository";
import type {
    CampaignRepository,
    PageQuery,
    VersionedCampaign,
} from "../repositories/CampaignRepository";
import { assertDefinition } from "./assertDefinition";
import { budgetLimit } from "./budgeting";
import type { Budget, Definition } from "./definition";
import { defaultKind } from "./limiting";

type Settings = {
    name: string;
    /** Unchecked: it is refused field by field. */
    definition: unknown;
    priority?: number | undefined;
    stacking?: Campaign["stacking"] | undefined;
    startsAt?: Date | undefined;
    endsAt?: Date | undefined;
};
export type CampaignDraft = Settings & { merchantId: MerchantId; createdBy: Address };
/** What is to be different; `null` takes a date away. */
export type CampaignChange = {
    [Name in keyof Settings]?: Settings[Name] | null;
} & { changedBy: Address };

/** Where and in what a merchant's budgets are counted. */
export type Surroundings = { asset: Asset; timeZone: string };
/** Where a budget stands in its present window. Amounts in base units of its asset. */
export type BudgetView = Pick<Budget, "name" | "window"> & {
    currency: string | undefined;
    asset: NonNullable<Budget["asset"]>;
    limit: bigint;
    used: bigint;
    resetsAt: Date | null;
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

export class CampaignService {
    constructor(
        private readonly db: Database,
        private readonly campaigns: CampaignRepository,
        private readonly budgets: BudgetRepository,
        private readonly clock: Clock
    ) {}

    /** Throws `INVALID_REQUEST` with every fault of the definition. */
    async create(draft: CampaignDraft, asset: Asset): Promise<CampaignView> {
        const { definition } = draft;
        assertDefinition(definition, asset);
        const campaign = this.newCampaign(draft);
        assertSchedule(campaign);
        const version = this.versionOf(campaign, { definition, createdBy: draft.createdBy });
        const budgets = totalBudgets(version, asset);
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

    versions(id: CampaignId, page: PageQuery): Promise<CampaignVersion[]> {
        return this.campaigns.findVersionPage(id, page);
    }

    /**
     * A new definition is a new version, which governs what happens from now on; what was decided keeps its own.
     * Throws `INVALID_TRANSITION` for an archived campaign.
     */
    async change(
        id: CampaignId,
        { changedBy, definition, ...settings }: CampaignChange,
        { asset, timeZone }: Surroundings
    ): Promise<CampaignView> {
        if (definition !== undefined) assertDefinition(definition, asset);
        await this.db.transaction(async () => {
            const { campaign, version } = await this.lock(id);
            if (campaign.status === "archived")
                throw conflict("An archived campaign stays as it is");
            const changed = { ...campaign, ...given(settings) };
            assertSchedule(changed);
            if (definition !== undefined) {
                const next = this.versionOf(
                    { ...changed, currentVersionId: newId<CampaignVersionId>() },
                    { definition, createdBy: changedBy, number: version.number + 1 }
                );
                await this.campaigns.addVersion(next);
                await this.limit(next, { asset, timeZone });
                changed.currentVersionId = next.id;
            }
            await this.campaigns.update(changed);
        });
        return this.get(id);
    }

    /** Only a draft, which decided nothing, can go; throws `INVALID_TRANSITION` for any other. */
    async delete(id: CampaignId): Promise<void> {
        await this.db.transaction(async () => {
            const { campaign } = await this.lock(id);
            if (campaign.status !== "draft") {
                throw conflict(`A campaign that is ${campaign.status} can only be archived`);
            }
            await this.budgets.delete(id);
            await this.campaigns.delete(id);
        });
    }

    /** `INVALID_TRANSITION` when the campaign is not in a status that this step leads from. */
    async step(id: CampaignId, step: CampaignStep): Promise<CampaignView> {
        const { from, to } = steps[step];
        await this.db.transaction(async () => {
            const { campaign } = await this.lock(id);
            const { status } = campaign;
            if (!(from as readonly string[]).includes(status)) {
                throw conflict(`A campaign that is ${status} cannot be ${to}`);
            }
            const publishedAt = to === "active" ? (campaign.publishedAt ?? this.clock.now()) : null;
            await this.campaigns.update({
                ...campaign,
                status: to,
                publishedAt: publishedAt ?? campaign.publishedAt,
            });
        });
        return this.get(id);
    }

    /** Where each budget stands now; a window that nothing was taken from yet has no row. */
    budgetsOf({ version, budgets }: CampaignView, { asset, timeZone }: Surroundings): BudgetView[] {
        const { definition } = version;
        const now = this.clock.now();
        return (definition.budget ?? []).map((budget) => {
            const startsAt = windowStart(budget.window, now, timeZone).getTime();
            const row = budgets.find(
                ({ name, windowStartsAt }) =>
                    name === budget.name && windowStartsAt.getTime() === startsAt
            );
            const { name, window, currency } = budget;
            return {
                name,
                window,
                currency,
                asset: budget.asset ?? defaultKind(definition),
                limit: row?.limit ?? budgetLimit(budget, definition, asset.decimals),
                used: row?.used ?? 0n,
                resetsAt: windowEnd(window, now, timeZone),
            };
        });
    }

    private async lock(id: CampaignId): Promise<VersionedCampaign> {
        const found = await this.campaigns.lock(id);
        if (!found) throw notFound();
        return found;
    }

    private async limit(
        { campaignId, definition }: CampaignVersion,
        { asset, timeZone }: Surroundings
    ): Promise<void> {
        const now = this.clock.now();
        for (const budget of definition.budget ?? []) {
            await this.budgets.setLimit({
                campaignId,
                name: budget.name,
                windowStartsAt: windowStart(budget.window, now, timeZone),
                limit: budgetLimit(budget, definition, asset.decimals),
            });
        }
    }

    private newCampaign(draft: CampaignDraft): Campaign {
        return {
            id: newId(),
            merchantId: draft.merchantId,
            name: draft.name,
            status: "draft",
            priority: draft.priority ?? 0,
            stacking: draft.stacking ?? "all",
            currentVersionId: newId<CampaignVersionId>(),
            startsAt: draft.startsAt ?? null,
            endsAt: draft.endsAt ?? null,
            publishedAt: null,
            createdAt: this.clock.now(),
        };
    }

    private versionOf(
        { id, currentVersionId }: Campaign,
        { definition, createdBy, number = 1 }: NewVersion
    ): CampaignVersion {
        const { trigger } = definition;
        const createdAt = this.clock.now();
        return {
            id: currentVersionId,
            campaignId: id,
            number,
            trigger,
            definition,
            createdBy,
            createdAt,
        };
    }
}

/** Windows of a calendar open when something is first taken from them; this one never closes. */
function totalBudgets({ campaignId, definition }: CampaignVersion, asset: Asset): CampaignBudget[] {
    const { budget = [] } = definition;
    return budget
        .filter(({ window }) => window === "total")
        .map((one) => ({
            campaignId,
            name: one.name,
            windowStartsAt: beginning,
            limit: budgetLimit(one, definition, asset.decimals),
            used: 0n,
        }));
}

type NewVersion = { definition: Definition; createdBy: Address; number?: number };

/** Without what was not spoken of. */
const given = (settings: object): Partial<Campaign> =>
    Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));

function assertSchedule({ startsAt, endsAt }: Campaign): void {
    if (!startsAt || !endsAt || startsAt < endsAt) return;
    throw invalidRequest([{ path: "endsAt", message: "Must be after startsAt" }]);
}

const conflict = (message: string) => new ConflictError("INVALID_TRANSITION", message);
const notFound = () => new NotFoundError("CAMPAIGN_NOT_FOUND", "There is no such campaign");
