import { and, asc, desc, eq, gt, isNull, lte, or, sql } from "drizzle-orm";
import { campaigns, campaignVersions } from "@/domain/campaign/db/schema";
import type { Database } from "@/infrastructure/persistence/Database";
import type { Price, PriceSource } from "@/infrastructure/pricing/PriceSource";
import type { CampaignId, MerchantId } from "@/utils/ids";
import type { Asset, Currency } from "@/utils/money";
import type { Clock } from "@/utils/time";
import { type Earning, earningOf } from "./earningOf";
import { summaryOf } from "./summaryOf";

/** What a running campaign promises, in terms that anybody may know. */
export type Offer = {
    campaignId: CampaignId;
    name: string;
    trigger: string;
    /** By who gets it. */
    earnings: Partial<Record<"referrer" | "referee" | "user", Earning[]>>;
    conditions: string[];
    lockupSeconds: number;
    expiresAt: Date | null;
};

export class OfferViewService {
    constructor(
        private readonly db: Database,
        private readonly prices: PriceSource,
        private readonly clock: Clock
    ) {}

    /** Of every campaign that runs now, the most important first. */
    async findOf(
        merchantId: MerchantId,
        asset: Asset,
        currencies: readonly Currency[]
    ): Promise<Offer[]> {
        const [running, prices] = await Promise.all([
            this.findRunning(merchantId),
            this.prices.pricesOf(asset.address, currencies),
        ]);
        return running.map((row) => asOffer(row, asset, prices));
    }

    private findRunning(merchantId: MerchantId) {
        const { id, name, endsAt, startsAt, status, priority } = campaigns;
        const { trigger, definition } = campaignVersions;
        const now = this.clock.now();
        return this.db.current
            .select({ campaignId: id, name, endsAt, trigger, definition })
            .from(campaigns)
            .innerJoin(
                campaignVersions,
                sql`${campaignVersions.id} = ${campaigns.currentVersionId}`
            )
            .where(
                and(
                    eq(campaigns.merchantId, merchantId),
                    eq(status, "active"),
                    or(isNull(startsAt), lte(startsAt, now)),
                    or(isNull(endsAt), gt(endsAt, now))
                )
            )
            .orderBy(desc(priority), asc(id));
    }
}

type Running = Awaited<ReturnType<OfferViewService["findRunning"]>>[number];

function asOffer(
    { definition, campaignId, name, trigger, endsAt }: Running,
    asset: Asset,
    prices: ReadonlyMap<Currency, Price>
): Offer {
    const { rewards, conditions, lockupSeconds = 0 } = definition;
    const byRecipient = Map.groupBy(rewards, ({ recipient }) => recipient);
    const earnings = [...byRecipient].map(([recipient, rules]) => [
        recipient,
        rules.map(({ amount }) => earningOf(amount, asset, prices)),
    ]);
    return {
        campaignId,
        name,
        trigger,
        earnings: Object.fromEntries(earnings),
        conditions: conditions ? summaryOf(conditions) : [],
        lockupSeconds,
        expiresAt: endsAt,
    };
}
