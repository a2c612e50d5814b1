import { randomUUID } from "node:crypto";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { CampaignContext } from "@/domain/campaign";
import { IdentityContext } from "@/domain/identity";
import { MerchantContext } from "@/domain/merchant";
import { PurchasesContext } from "@/domain/purchases";
import { OrchestrationContext } from "@/orchestration";
import type { MerchantId } from "@/utils/ids";
import { bringAFriend } from "../../test/fixtures/story/Merchant";

export type World = { merchantId: MerchantId; secret: string; code: string };

/** A shop with running campaigns and somebody who shares, made through the services. */
export async function makeWorld(campaignCount: number): Promise<World> {
    const owner = privateKeyToAccount(generatePrivateKey()).address;
    const { id: merchantId } = await OrchestrationContext.merchantOnboarding.register({
        name: "Bench",
        domain: `${randomUUID()}.localhost`,
        rewardAsset: undefined,
        owner,
    });
    const { secret } = await PurchasesContext.services.shopWebhooks.put(merchantId, "shopify", {
        secret: undefined,
        shopDomain: undefined,
    });
    const asset = MerchantContext.services.merchants.assetOf(undefined);
    const { campaigns } = CampaignContext.services;
    for (let index = 0; index < campaignCount; index++) {
        const definition = {
            ...bringAFriend,
            conditions: {
                all: [
                    {
                        field: "purchase.total",
                        op: "gte",
                        value: index === 0 ? "20" : `${500 + index}`,
                    },
                ],
            },
            budget: [{ name: "total", window: "total", amount: "900000000", onExhausted: "skip" }],
        };
        const draft = { merchantId, name: `c${index}`, definition, createdBy: owner };
        const { campaign } = await campaigns.create(draft, asset);
        await campaigns.step(campaign.id, "publish");
    }
    const sharer = IdentityContext.services.identities.keyOf({
        kind: "client",
        clientId: randomUUID(),
        merchantId,
    });
    const { code } = await OrchestrationContext.shareLink.linkOf(merchantId, sharer);
    return { merchantId, secret, code };
}
