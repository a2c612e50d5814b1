import type { CampaignVersionId, GroupId, InteractionId, TouchpointId } from "@/utils/ids";
import type { Asset, Currency } from "@/utils/money";
import type { Trigger } from "./definition";

/** What one token costs in a currency, as it was when the decision was made. */
export type PinnedPrice = { price: string; source: string; at: string };

/** One arrival before what happened. */
export type Touch = {
    touchpointId: TouchpointId;
    source: "referral" | "code" | "paid" | "organic" | "direct";
    referrerGroupId?: GroupId | undefined;
    shareCode?: string | undefined;
    utm?:
        | Partial<Record<"source" | "medium" | "campaign" | "term" | "content", string>>
        | undefined;
    occurredAt: Date;
};

/** A line of the order as the buyer kept it. Money in minor units of the order's currency. */
export type Line = {
    productId?: string | undefined;
    variantId?: string | undefined;
    sku?: string | undefined;
    title?: string | undefined;
    categories?: readonly string[] | undefined;
    quantity: number;
    unitPrice: bigint;
    total: bigint;
};

export type PurchaseFacts = {
    total: bigint;
    subtotal: bigint;
    discount: bigint;
    shipping: bigint;
    tax: bigint;
    currency: Currency;
    isTest: boolean;
    isConfirmed: boolean;
    /** Absent where no campaign asked for it. */
    isFirst?: boolean | undefined;
    discountCodes?: readonly string[] | undefined;
    lines?: readonly Line[] | undefined;
};

/** Who somebody is to the shop, before what happened. */
export type PersonFacts = {
    purchases: number;
    /** What they bought and kept, in minor units by currency. */
    spend: ReadonlyMap<Currency, bigint>;
    hasWallet: boolean;
    country?: string | undefined;
    rewards: { count: number; amount: bigint };
};

/** What happened, as far as a campaign cares: the same facts always lead to the same decision. */
export type Facts = {
    interactionId: InteractionId;
    trigger: Trigger;
    actor: GroupId;
    occurredAt: Date;
    timeZone: string;
    asset: Asset;
    purchase?: PurchaseFacts | undefined;
    /** Arrivals up to the moment, ascending, whatever their age. */
    touches: readonly Touch[];
    /** Who brought each referrer, and who brought those: nearest first. */
    chains: ReadonlyMap<GroupId, readonly GroupId[]>;
    /** The actor and the referrers, where a campaign asks who they are. */
    people: ReadonlyMap<GroupId, PersonFacts>;
    custom?: Readonly<Record<string, unknown>> | undefined;
    prices: ReadonlyMap<Currency, PinnedPrice>;
};

/** Whose cap under which limit. */
export type CapOf = { name: CapName; groupId: GroupId };
export type CapName = `${"perUser" | "perUserPeriod" | "perReferrer"}.${"count" | "amount"}`;

/**
 * What was paid so far, in base units or times: of budgets by name, of caps by whose they are. A limit stands
 * here where it is another than the definition's. `isQueueing` says that others wait for the next window already.
 */
export type Standing = {
    budgets: { get(name: string): bigint | undefined };
    limits: { get(name: string): bigint | undefined };
    caps: { get(cap: CapOf): bigint | undefined };
    isQueueing: boolean;
};

export const noStanding: Standing = {
    budgets: new Map(),
    limits: new Map(),
    caps: { get: () => undefined },
    isQueueing: false,
};

/** What tells versions apart in a draw. */
export type VersionKey = CampaignVersionId | string;
