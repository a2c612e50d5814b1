import { privateKeyToAccount } from "viem/accounts";
import type { CampaignService } from "@/domain/campaign";
import type { MerchantService, MerchantView } from "@/domain/merchant";
import type { ShopWebhookService } from "@/domain/purchases";
import type { KeyRing } from "@/infrastructure/keys/KeyRing";
import type { Database } from "@/infrastructure/persistence/Database";
import type { MerchantId } from "@/utils/ids";
import type { BankOpeningService } from "./BankOpeningService";

export type DemoShop = {
    merchantId: MerchantId;
    name: string;
    domain: string;
    webhookSecret: string;
};

const shop = { name: "Ada's Tea", domain: "tea.localhost" };
const campaignName = "Bring a friend";
const definition = {
    trigger: "purchase",
    conditions: { all: [{ field: "purchase.total", op: "gte", value: "20.00" }] },
    rewards: [
        {
            recipient: "referrer",
            asset: "token",
            amount: { percent: { of: "subtotal", percent: "5", max: "20.00" } },
        },
        { recipient: "referee", asset: "token", amount: { fixed: { amount: "2.00" } } },
    ],
    budget: [{ name: "total", window: "total", amount: "5000.00", onExhausted: "skip" }],
};

/** The shop that development begins with: a merchant with a webhook, a campaign that runs, and a bank. */
export class DemoShopOrchestrator {
    constructor(
        private readonly db: Database,
        private readonly merchants: MerchantService,
        private readonly banks: BankOpeningService,
        private readonly webhooks: ShopWebhookService,
        private readonly campaigns: CampaignService,
        private readonly keys: KeyRing
    ) {}

    /** The same shop at every start, made at the first. */
    async open(): Promise<DemoShop> {
        const [known] = await this.merchants.list(this.owner, { limit: 1, before: undefined });
        const { id, name, domains } = known ?? (await this.make());
        const webhookSecret = this.secretOf(id);
        return { merchantId: id, name, domain: domains[0] ?? shop.domain, webhookSecret };
    }

    private async make(): Promise<MerchantView> {
        const { owner } = this;
        const proven = await this.merchants.prove({ ...shop, rewardAsset: undefined, owner });
        return this.db.transaction(async () => {
            const merchant = await this.merchants.add(proven);
            const { id: merchantId } = merchant;
            await this.banks.request(merchantId, owner);
            const secret = this.secretOf(merchantId);
            await this.webhooks.put(merchantId, "shopify", { secret, shopDomain: undefined });
            const draft = { merchantId, name: campaignName, definition, createdBy: owner };
            const asset = this.merchants.assetOf(merchant.rewardAsset);
            const { campaign } = await this.campaigns.create(draft, asset);
            await this.campaigns.step(campaign.id, "publish");
            return merchant;
        });
    }

    private get owner() {
        return privateKeyToAccount(`0x${this.keys.derive("demo/owner").toString("hex")}`).address;
    }

    private secretOf(merchantId: MerchantId): string {
        return this.keys.derive(`demo/webhook/${merchantId}`).toString("base64url");
    }
}
