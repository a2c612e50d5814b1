import { Elysia, t } from "elysia";
import { IdentityContext } from "@/domain/identity";
import { type Holding, shownCurrencies, WalletContext } from "@/domain/wallet";
import { config } from "@/infrastructure/config";
import { ReadContext, type RewardSum, type Standing } from "@/orchestration/read";
import type { Currency } from "@/utils/money";
import { rateLimit } from "../macros/rateLimit";
import { walletSession } from "../macros/walletSession";
import {
    AddressText,
    asMoney,
    asTokenAmount,
    MoneyShape,
    orNull,
    refusals,
    TokenAmountShape,
} from "../schemas";

const { balances } = WalletContext.services;
const { identities } = IdentityContext.services;
const tags = ["balance"];

const Fiat = t.Record(t.String(), orNull(MoneyShape), {
    description: "By currency; null where nobody knows a price",
});
const Balance = {
    total: Fiat,
    balances: t.Array(t.Object({ ...TokenAmountShape.properties, fiat: Fiat })),
};
const standings: readonly Standing[] = ["pending", "locked", "claimable", "claimed"];
const Amounts = t.Object(
    Object.fromEntries(standings.map((standing) => [standing, TokenAmountShape]))
);

export const balance = new Elysia({ prefix: "/balance" })
    .use(rateLimit)
    .use(walletSession)
    .guard({ rateLimit: "wallet" })
    .get("/:address", async ({ params }) => asBalance(await balances.holdingsOf(params.address)), {
        params: t.Object({ address: AddressText }),
        response: { 200: t.Object(Balance), ...refusals({ 503: ["CHAIN_UNAVAILABLE"] }) },
        detail: { tags, summary: "What a wallet holds on chain" },
    })
    .get(
        "",
        async ({ session }) => {
            const wallet = identities.keyOf({ kind: "wallet", wallet: session.subject });
            const [groupId] = await identities.find([wallet]);
            const [holdings, sums] = await Promise.all([
                balances.holdingsOf(session.subject),
                groupId ? ReadContext.rewards.sumsOf(groupId) : [],
            ]);
            return { ...asBalance(holdings), rewards: asOwed(sums) };
        },
        {
            walletSession: true,
            response: {
                200: t.Object({ ...Balance, rewards: t.Array(Amounts) }),
                ...refusals({
                    401: ["AUTH_REQUIRED", "TOKEN_INVALID", "SESSION_ENDED"],
                    503: ["CHAIN_UNAVAILABLE"],
                }),
            },
            detail: { tags, summary: "What the caller holds on chain, and what they are owed" },
        }
    );

const fiatOf = (worth: ReadonlyMap<Currency, bigint>) =>
    Object.fromEntries(
        shownCurrencies.map((currency) => {
            const amount = worth.get(currency);
            return [currency, amount === undefined ? null : asMoney(amount, currency)];
        })
    );

/** A total leaves nothing out: where one holding has no price, neither has the whole. */
function asBalance(holdings: readonly Holding[]) {
    const totals = shownCurrencies.flatMap((currency) => {
        const worths = holdings.map(({ fiat }) => fiat.get(currency));
        if (worths.includes(undefined)) return [];
        const total = worths.reduce<bigint>((sum, worth) => sum + (worth ?? 0n), 0n);
        return [[currency, total] as const];
    });
    return {
        total: fiatOf(new Map(totals)),
        balances: holdings.map(({ asset, amount, fiat }) => ({
            ...asTokenAmount(amount, asset),
            fiat: fiatOf(fiat),
        })),
    };
}

/** For every asset, whatever its standing: nothing owed is 0. */
function asOwed(sums: readonly RewardSum[]) {
    return config.REWARD_ASSETS.map((asset) =>
        Object.fromEntries(
            standings.map((standing) => {
                const sum = sums.find(
                    (one) => one.token === asset.address && one.standing === standing
                );
                return [standing, asTokenAmount(sum?.amount ?? 0n, asset)];
            })
        )
    );
}
