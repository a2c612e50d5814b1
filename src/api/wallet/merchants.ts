import { Elysia, t } from "elysia";
import { type Merchant, MerchantContext } from "@/domain/merchant";
import { shownCurrencies } from "@/domain/wallet";
import { type Earning, type Offer, ReadContext } from "@/orchestration/read";
import type { MerchantId } from "@/utils/ids";
import type { Asset } from "@/utils/money";
import { invalidRequest } from "@/utils/schema";
import { rateLimit } from "../macros/rateLimit";
import {
    asInstantOrNull,
    asMoney,
    asTokenAmount,
    IdOf,
    Instant,
    MoneyShape,
    orNull,
    refusals,
    TokenAmountShape,
} from "../schemas";

const { merchants } = MerchantContext.services;
const tags = ["merchants"];

const AssetShape = t.Object({ asset: t.String(), symbol: t.String(), decimals: t.Integer() });
const Resolved = t.Object({
    merchantId: t.String(),
    name: t.String(),
    domain: t.String(),
    allowedDomains: t.Array(t.String()),
    sdkConfig: t.Object({
        referralParameter: t.String({
            description: "Of a share link, the parameter with the code",
        }),
        rewardAsset: AssetShape,
    }),
});
const EarningShape = t.Object({
    kind: t.String({ examples: ["fixed", "percent", "tiered", "range"] }),
    percent: orNull(t.Object({ of: t.String(), percent: t.String() })),
    tokens: t.Object({
        exact: orNull(TokenAmountShape),
        min: orNull(TokenAmountShape),
        max: orNull(TokenAmountShape),
    }),
    fiat: t.Record(t.String(), orNull(MoneyShape), {
        description: "What the most of it is worth now; null where nobody knows",
    }),
});
const Earnings = t.Optional(t.Array(EarningShape));
const OfferShape = t.Object({
    campaignId: t.String(),
    name: t.String(),
    trigger: t.String({ examples: ["purchase"] }),
    referrer: Earnings,
    referee: Earnings,
    user: Earnings,
    conditions: t.Array(t.String({ examples: ["purchase.total ≥ 20.00"] })),
    lockupSeconds: t.Integer(),
    expiresAt: orNull(Instant),
});

export const walletMerchants = new Elysia({ prefix: "/merchants" })
    .use(rateLimit)
    .guard({ rateLimit: "sdk" })
    .get("/resolve", async ({ query }) => asResolved(await merchantOf(query)), {
        query: t.Object({
            domain: t.Optional(t.String({ minLength: 1, maxLength: 253 })),
            merchantId: t.Optional(IdOf<MerchantId>()),
        }),
        response: {
            200: Resolved,
            ...refusals({ 400: ["DOMAIN_INVALID"], 404: ["MERCHANT_NOT_FOUND"] }),
        },
        detail: {
            tags,
            summary: "Which shop this is, by its domain or its id",
            description: "What an SDK needs to know before it does anything.",
        },
    })
    .get(
        "/:merchantId/offers",
        async ({ params }) => {
            const { id, rewardAsset } = await merchants.get(params.merchantId);
            const asset = merchants.assetOf(rewardAsset);
            const offers = await ReadContext.offers.findOf(id, asset, shownCurrencies);
            return { items: offers.map((offer) => asOffer(offer, asset)) };
        },
        {
            params: t.Object({ merchantId: IdOf<MerchantId>() }),
            response: {
                200: t.Object({ items: t.Array(OfferShape) }),
                ...refusals({ 404: ["MERCHANT_NOT_FOUND"] }),
            },
            detail: {
                tags,
                summary: "What there is to earn at a shop now",
                description: "Of every campaign that runs, by who gets it.",
            },
        }
    );

function merchantOf(query: {
    domain?: string | undefined;
    merchantId?: MerchantId | undefined;
}): Promise<Merchant> {
    if (query.merchantId) return merchants.get(query.merchantId);
    if (query.domain) return merchants.ofDomain(query.domain);
    throw invalidRequest([{ path: "domain", message: "Give a domain or a merchantId" }]);
}

async function asResolved({ id, name, rewardAsset }: Merchant) {
    const allowedDomains = await merchants.domainsOf(id);
    const { address, symbol, decimals } = merchants.assetOf(rewardAsset);
    return {
        merchantId: id,
        name,
        domain: allowedDomains[0] ?? "",
        allowedDomains,
        sdkConfig: {
            referralParameter: "ref",
            rewardAsset: { asset: address, symbol, decimals },
        },
    };
}

function asOffer({ earnings, expiresAt, ...offer }: Offer, asset: Asset) {
    const byRecipient = Object.entries(earnings).map(([recipient, all]) => [
        recipient,
        all.map((earning) => asEarning(earning, asset)),
    ]);
    return {
        ...offer,
        ...(Object.fromEntries(byRecipient) as Offers),
        expiresAt: asInstantOrNull(expiresAt),
    };
}

type Offers = { [Recipient in keyof Offer["earnings"]]: ReturnType<typeof asEarning>[] };

function asEarning({ kind, percent, tokens, worth }: Earning, asset: Asset) {
    const amountOf = (units: bigint | null) =>
        units === null ? null : asTokenAmount(units, asset);
    const fiat = shownCurrencies.map((currency) => {
        const minorUnits = worth.get(currency);
        return [currency, minorUnits === undefined ? null : asMoney(minorUnits, currency)];
    });
    return {
        kind,
        percent,
        tokens: {
            exact: amountOf(tokens.amount),
            min: amountOf(tokens.min),
            max: amountOf(tokens.max),
        },
        fiat: Object.fromEntries(fiat),
    };
}
