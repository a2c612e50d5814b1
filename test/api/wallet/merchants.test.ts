import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { CampaignContext } from "@/domain/campaign";
import { MerchantContext } from "@/domain/merchant";
import { days, later } from "@/utils/time";
import { ask, signedIn } from "../../fixtures/api";
import { bringAFriend } from "../../fixtures/story/Merchant";
import { type Tea, teaStory } from "../../fixtures/tea";

const { campaigns } = CampaignContext.services;
const { merchants } = MerchantContext.services;
const path = "/wallet/v1/merchants";

let tea: Tea;
let domain: string;
beforeAll(async () => {
    tea = await teaStory();
    domain = await merchants.mainDomain(tea.merchantId);
});

describe("a shop", () => {
    test("is found by its domain or its id, and says what an SDK needs", async () => {
        const asked = [`domain=www.${domain.toUpperCase()}`, `merchantId=${tea.merchantId}`];
        for (const query of asked) {
            const { status, body } = await ask("GET", `${path}/resolve?${query}`);
            expect([status, body]).toEqual([
                200,
                {
                    merchantId: tea.merchantId,
                    name: "Ada's Tea",
                    domain,
                    allowedDomains: [domain],
                    sdkConfig: {
                        referralParameter: "ref",
                        rewardAsset: {
                            asset: merchants.assetOf(undefined).address,
                            symbol: "TEST",
                            decimals: 6,
                        },
                    },
                },
            ]);
        }
    });

    test.each([
        [404, "MERCHANT_NOT_FOUND", "domain=nobody.example"],
        [404, "MERCHANT_NOT_FOUND", `merchantId=${randomUUID()}`],
        [400, "DOMAIN_INVALID", "domain=not%20a%20name"],
        [400, "INVALID_REQUEST", "merchantId=1"],
        [400, "INVALID_REQUEST", ""],
    ])("or the answer is %i %s for %j", async (status, code, query) => {
        const answer = await ask("GET", `${path}/resolve?${query}`);
        expect([answer.status, answer.body.error.code]).toEqual([status, code]);
    });
});

describe("what there is to earn", () => {
    test("is what running campaigns promise, and nothing else", async () => {
        const shop = await teaStory();
        const { merchantId, ada } = shop;
        const asset = merchants.assetOf(undefined);
        const launch = async (change: object) => {
            const draft = { merchantId, name: "x", definition: bringAFriend, createdBy: ada };
            const { campaign } = await campaigns.create({ ...draft, ...change }, asset);
            return campaigns.step(campaign.id, "publish");
        };
        const endsAt = later(new Date(), days(7));
        const newer = await launch({
            name: "Ends soon",
            priority: 5,
            endsAt,
            definition: {
                trigger: "purchase",
                conditions: {
                    any: [
                        { field: "purchase.total", op: "gte", value: "100", currency: "EUR" },
                        { none: [{ field: "purchase.total", op: "eq", value: "1" }] },
                    ],
                },
                rewards: [
                    {
                        recipient: "referee",
                        asset: "token",
                        amount: { fixed: { amount: "3.00", currency: "EUR" } },
                    },
                ],
                lockupSeconds: 60,
            },
        });
        await launch({ startsAt: endsAt });
        await launch({ endsAt: later(new Date(), -1) });
        const paused = await launch({});
        await campaigns.step(paused.campaign.id, "pause");
        await campaigns.create(
            { merchantId, name: "draft", definition: bringAFriend, createdBy: ada },
            asset
        );

        const { status, body } = await ask("GET", `${path}/${merchantId}/offers`);
        const token = (amount: string) => ({
            amount,
            asset: asset.address,
            symbol: "TEST",
            decimals: 6,
        });
        // In development a token is worth 1 $, 0.92 € or 0.79 £; 3 € are 3.2608… of them.
        const fiat = (EUR: string, USD: string, GBP: string) =>
            Object.fromEntries(
                Object.entries({ EUR, USD, GBP }).map(([currency, amount]) => [
                    currency,
                    { amount, currency, exponent: 2 },
                ])
            );
        const nothing = { exact: null, min: null, max: null };
        expect(status).toBe(200);
        expect(body.items).toEqual([
            {
                campaignId: newer.campaign.id,
                name: "Ends soon",
                trigger: "purchase",
                referee: [
                    {
                        kind: "fixed",
                        percent: null,
                        tokens: { ...nothing, exact: token("3260869") },
                        fiat: fiat("300", "326", "257"),
                    },
                ],
                conditions: ["(purchase.total ≥ 100 EUR or not (purchase.total = 1))"],
                lockupSeconds: 60,
                expiresAt: endsAt.toISOString(),
            },
            {
                campaignId: shop.campaignId,
                name: "Bring a friend",
                trigger: "purchase",
                referrer: [
                    {
                        kind: "percent",
                        percent: { of: "subtotal", percent: "5" },
                        tokens: { ...nothing, max: token("50000000") },
                        fiat: fiat("4600", "5000", "3950"),
                    },
                ],
                referee: [
                    {
                        kind: "fixed",
                        percent: null,
                        tokens: { ...nothing, exact: token("2000000") },
                        fiat: fiat("184", "200", "158"),
                    },
                ],
                conditions: ["purchase.total ≥ 20.00"],
                lockupSeconds: 0,
                expiresAt: null,
            },
        ]);
    });

    test("is nothing at a shop that there is not", async () => {
        const answer = await ask("GET", `${path}/${randomUUID()}/offers`);
        expect([answer.status, answer.body.error.code]).toEqual([404, "MERCHANT_NOT_FOUND"]);
        const ada = await signedIn(tea.ada);
        expect((await ada("GET", `${path}/1/offers`)).status).toBe(400);
    });
});
