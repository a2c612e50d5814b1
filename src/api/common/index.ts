import { Elysia, t } from "elysia";
import packageJson from "@/../package.json";
import { MerchantContext } from "@/domain/merchant";
import { shownCurrencies } from "@/domain/wallet";
import { config } from "@/infrastructure/config";
import { keyRing } from "@/infrastructure/keys";
import type { ChainRole } from "@/infrastructure/keys/KeyRing";
import { priceSource } from "@/infrastructure/pricing";
import { NotFoundError } from "@/utils/errors";
import { rateLimit } from "../macros/rateLimit";
import { AddressText, orNull, refusals } from "../schemas";
import { epochRoutes } from "./epochs";

const { merchants } = MerchantContext.services;
const tags = ["common"];

/** The keys that act on chain, as the outside calls them. */
const keyNames: Record<string, ChainRole> = {
    settler: "settler",
    publisher: "publisher",
    "bank-manager": "bankManager",
    minter: "minter",
};

function adminWallet(key: string) {
    const role = Object.hasOwn(keyNames, key) ? keyNames[key] : undefined;
    if (!role) throw new NotFoundError("KEY_NOT_FOUND", "There is no key of this name");
    return keyRing.signer(role).address;
}

/** For anyone. */
export const common = new Elysia({ prefix: "/common/v1" })
    .use(rateLimit)
    .use(epochRoutes)
    .guard({ rateLimit: "publicLists" })
    .get(
        "/assets",
        () => ({
            items: config.REWARD_ASSETS.map(({ address, symbol, decimals }, index) => ({
                asset: address,
                symbol,
                decimals,
                chainId: config.CHAIN_ID,
                default: index === 0,
            })),
        }),
        {
            response: {
                200: t.Object({
                    items: t.Array(
                        t.Object({
                            asset: t.String(),
                            symbol: t.String(),
                            decimals: t.Integer(),
                            chainId: t.Integer(),
                            default: t.Boolean(),
                        })
                    ),
                }),
                ...refusals(),
            },
            detail: { tags, summary: "The tokens that rewards can be paid in" },
        }
    )
    .get(
        "/rates",
        async ({ query }) => {
            const { address } = merchants.assetOf(query.asset);
            const prices = await priceSource.pricesOf(address, shownCurrencies);
            const rates = shownCurrencies.map((currency) => [
                currency,
                prices.get(currency) ?? null,
            ]);
            return { asset: address, rates: Object.fromEntries(rates) };
        },
        {
            query: t.Object({ asset: t.Optional(AddressText) }),
            response: {
                200: t.Object({
                    asset: t.String(),
                    rates: t.Record(
                        t.String(),
                        orNull(
                            t.Object({
                                price: t.String({ examples: ["0.92"] }),
                                source: t.String(),
                                at: t.String(),
                            })
                        ),
                        { description: "By currency; null where nobody knows a price" }
                    ),
                }),
                ...refusals({ 400: ["UNKNOWN_ASSET"] }),
            },
            detail: { tags, summary: "What one token of an asset costs" },
        }
    )
    .get("/admin-wallet", ({ query }) => ({ key: query.key, wallet: adminWallet(query.key) }), {
        query: t.Object({ key: t.String({ maxLength: 40, examples: ["settler"] }) }),
        response: {
            200: t.Object({ key: t.String(), wallet: t.String() }),
            ...refusals({ 404: ["KEY_NOT_FOUND"] }),
        },
        detail: { tags, summary: "The address of one of this server's keys on chain" },
    })
    .get("/version", () => ({ version: packageJson.version }), {
        response: { 200: t.Object({ version: t.String() }), ...refusals() },
        detail: { tags, summary: "What runs here" },
    });
