import type { GroupId, TouchpointId } from "@/utils/ids";
import type { Asset, Currency } from "@/utils/money";

/** What one token costs in a currency, as it was when the decision was made. */
export type PinnedPrice = { price: string; source: string; at: string };

/** What happened, as far as a campaign cares. */
export type Facts = {
    actor: GroupId;
    occurredAt: Date;
    asset: Asset;
    purchase: {
        total: bigint;
        subtotal: bigint;
        currency: Currency;
        isTest: boolean;
    };
    /** The last arrival through somebody's link, whatever its age. */
    touch:
        | {
              touchpointId: TouchpointId;
              referrerGroupId: GroupId;
              occurredAt: Date;
          }
        | undefined;
    prices: ReadonlyMap<Currency, PinnedPrice>;
    /** Taken so far, in base units, by the budget's name. */
    budgets: ReadonlyMap<string, bigint>;
};
