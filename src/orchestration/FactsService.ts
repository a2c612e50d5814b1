import type { AttributionService, AttributionSettingService } from "@/domain/attribution";
import type {
    Facts,
    Governed,
    Interaction,
    Line,
    Needs,
    PersonFacts,
    PurchaseFacts,
    Question,
    Touch,
} from "@/domain/campaign";
import type { MerchantService } from "@/domain/merchant";
import type { Purchase, PurchaseLine, PurchaseService } from "@/domain/purchases";
import type { ReferralService } from "@/domain/referral";
import type { PriceSource } from "@/infrastructure/pricing/PriceSource";
import type { GroupId, MerchantId, PurchaseId } from "@/utils/ids";
import { type Asset, asCurrency, type Currency } from "@/utils/money";
import type { PersonFactsRepository } from "./read/PersonFactsRepository";

type Shop = { asset: Asset; timeZone: string };
type Reading = { interactions: readonly Interaction[]; touches: readonly Touch[][]; needs: Needs };
type Known = {
    purchases: ReadonlyMap<string, Purchase>;
    lines: ReadonlyMap<PurchaseId, PurchaseLine[]>;
    shops: ReadonlyMap<MerchantId, Shop>;
    prices: ReadonlyMap<string, Facts["prices"]>;
    chains: ReadonlyMap<string, readonly GroupId[]>;
    people: ReadonlyMap<string, PersonFacts>;
    needs: Needs;
};

/** What the campaigns need to know about what happened: read for many interactions at once. */
export class FactsService {
    constructor(
        private readonly purchases: PurchaseService,
        private readonly arrivals: {
            attribution: AttributionService;
            settings: AttributionSettingService;
        },
        private readonly chains: ReferralService,
        private readonly people: PersonFactsRepository,
        private readonly merchants: MerchantService,
        private readonly prices: PriceSource
    ) {}

    /** A bounded number of statements, however many interactions there are; what nobody needs is not read. */
    async gather(governed: readonly Governed[], needs: Needs): Promise<Question[]> {
        const interactions = governed.map(({ interaction }) => interaction);
        const touches = await this.touchesOf(interactions);
        const ids = interactions.filter(isPurchase).map(({ subject }) => subject as PurchaseId);
        const purchases = new Map(
            (await this.purchases.findMany(ids)).map((one) => [one.id as string, one])
        );
        const reading = { interactions, touches, needs };
        const shops = await this.shopsOf(interactions);
        const known: Known = {
            purchases,
            lines: needs.lines ? await this.purchases.linesOf(ids) : new Map(),
            shops,
            prices: await this.pricesIn(shops, purchases, needs),
            chains: await this.chainsAbove(reading),
            people: await this.whoTheyAre(reading),
            needs,
        };
        return governed.map((one, place) => ({
            ...one,
            facts: factsOf(one.interaction, touches[place] ?? [], known),
        }));
    }

    /** Where a merchant wants links to come first, a code counts only for whom no link brought. */
    private async touchesOf(interactions: readonly Interaction[]): Promise<Touch[][]> {
        const { attribution, settings } = this.arrivals;
        const found = await attribution.touchesOf(interactions.map(momentOf));
        const chosen = await settings.of([...new Set(interactions.map((one) => one.merchantId))]);
        return found.map((touches, place) => {
            const merchantId = interactions[place]?.merchantId;
            const setting = merchantId && chosen.get(merchantId);
            const isLinked = touches.some(({ source }) => source === "referral");
            return setting?.codeBeatsLink === false && isLinked
                ? touches.filter(({ source }) => source !== "code")
                : touches;
        });
    }

    private async shopsOf(interactions: readonly Interaction[]): Promise<Map<MerchantId, Shop>> {
        const shops: Map<MerchantId, Shop> = new Map();
        for (const merchantId of new Set(interactions.map((one) => one.merchantId))) {
            const { rewardAsset, timeZone } = await this.merchants.get(merchantId);
            shops.set(merchantId, { asset: this.merchants.assetOf(rewardAsset), timeZone });
        }
        return shops;
    }

    /** What tokens cost in the currencies of orders that never were. */
    async pricesFor(
        asset: Asset,
        orders: readonly { currency: string }[],
        { currencies }: Needs
    ): Promise<Facts["prices"]> {
        const names = new Set([...orders.map(({ currency }) => currency), ...currencies]);
        return this.prices.pricesOf(asset.address, [...names].map(asCurrency));
    }

    /** One price for all that is decided together, so that nobody is told two. */
    private async pricesIn(
        shops: ReadonlyMap<MerchantId, Shop>,
        purchases: ReadonlyMap<string, Purchase>,
        needs: Needs
    ): Promise<Map<string, Facts["prices"]>> {
        const ofOrders = [...purchases.values()].flatMap(({ currency }) => currency ?? []);
        const currencies = [...new Set([...ofOrders, ...needs.currencies.map(asCurrency)])];
        const prices = new Map<string, Facts["prices"]>();
        for (const { asset } of shops.values()) {
            if (prices.has(asset.address)) continue;
            prices.set(asset.address, await this.prices.pricesOf(asset.address, currencies));
        }
        return prices;
    }

    private async chainsAbove({ interactions, touches, needs }: Reading) {
        if (needs.chainDepth === 0) return new Map<string, GroupId[]>();
        const queries = new Map(
            interactions.flatMap(({ merchantId }, place) =>
                referrersIn(touches[place]).map((groupId) => [
                    `${merchantId}:${groupId}`,
                    { merchantId, groupId },
                ])
            )
        );
        const chains = await this.chains.chainsOf([...queries.values()], needs.chainDepth);
        return new Map([...queries.keys()].map((key, place) => [key, chains[place] ?? []]));
    }

    private async whoTheyAre({ interactions, touches, needs }: Reading) {
        if (!needs.people) return new Map<string, PersonFacts>();
        const queries = interactions.flatMap((interaction, place) => {
            const { id, merchantId, groupId, occurredAt: until } = interaction;
            return [...new Set([groupId, ...referrersIn(touches[place])])].map((person) => ({
                id,
                query: { merchantId, groupId: person, until },
            }));
        });
        const people = await this.people.findAll(queries.map(({ query }) => query));
        return new Map(
            queries.flatMap(({ id, query }, place) => {
                const person = people.get(place);
                return person ? [[`${id}:${query.groupId}`, person] as const] : [];
            })
        );
    }
}

const isPurchase = ({ trigger }: Interaction): boolean => trigger === "purchase";
const momentOf = ({ merchantId, groupId, occurredAt }: Interaction) => ({
    merchantId,
    groupId,
    until: occurredAt,
});

const referrersIn = (touches: readonly Touch[] = []): GroupId[] => [
    ...new Set(touches.flatMap(({ referrerGroupId }) => referrerGroupId ?? [])),
];

function factsOf(interaction: Interaction, touches: readonly Touch[], known: Known): Facts {
    const { id, merchantId, groupId, trigger, occurredAt, data } = interaction;
    const { asset, timeZone } = present(known.shops.get(merchantId));
    const referrers = referrersIn(touches);
    const people = [groupId, ...referrers].flatMap((person) => {
        const found = known.people.get(`${id}:${person}`);
        return found ? [[person, found] as const] : [];
    });
    const chains = referrers.flatMap((person) => {
        const found = known.chains.get(`${merchantId}:${person}`);
        return found && found.length > 0 ? [[person, found] as const] : [];
    });
    return {
        interactionId: id,
        trigger,
        actor: groupId,
        occurredAt,
        timeZone,
        asset,
        touches,
        ...(isPurchase(interaction) && {
            purchase: purchaseFacts(present(known.purchases.get(interaction.subject)), {
                lines: known.lines,
                buyer: new Map(people).get(groupId),
                needs: known.needs,
            }),
        }),
        ...(data && { custom: data }),
        people: new Map(people),
        chains: new Map(chains),
        prices: known.prices.get(asset.address) ?? new Map(),
    };
}

type OfPurchase = Pick<Known, "lines" | "needs"> & { buyer: PersonFacts | undefined };

/**
 * The order as it was placed, whatever was given back since: rewards are made for it and follow what is left of it
 * (`PurchaseRevisionService`), so that it does not matter which of the two was known first.
 */
function purchaseFacts(purchase: Purchase, { lines, buyer, needs }: OfPurchase): PurchaseFacts {
    const { id, total, subtotal, discount, shipping, tax, codes, isTest, status } = purchase;
    return {
        total,
        subtotal,
        discount,
        shipping,
        tax,
        currency: present<Currency>(purchase.currency),
        isTest,
        isConfirmed: status === "confirmed" || status === "partiallyRefunded",
        ...(codes.length > 0 && { discountCodes: codes }),
        ...(buyer && { isFirst: buyer.purchases === 0 }),
        ...(needs.lines && { lines: (lines.get(id) ?? []).map(asLine) }),
    };
}

const asLine = (line: PurchaseLine): Line => {
    const { quantity, productId, variantId, sku, title, unitPrice, total } = line;
    return {
        ...(productId !== null && { productId }),
        ...(variantId !== null && { variantId }),
        ...(sku !== null && { sku }),
        title,
        quantity,
        unitPrice,
        total,
    };
};

/** An interaction is opened for what is whole: anything missing is a defect. */
function present<T>(value: T | null | undefined): T {
    if (value === null || value === undefined) throw new Error("What happened is not known whole");
    return value;
}
