import { contracts } from "@/infrastructure/blockchain";
import { OrchestrationContext } from "@/orchestration";
import type { DemoShop } from "@/orchestration/DemoShopOrchestrator";
import { ReadContext } from "@/orchestration/read";

const wanted = 10_000n * 10n ** 6n;

/** The demo shop, its bank filled up with test tokens when it runs low. */
export async function openDemoShop(): Promise<DemoShop> {
    const shop = await OrchestrationContext.demoShop.open();
    const { merchantId } = shop;
    const { assets } = await ReadContext.banks.of(merchantId);
    const balance = assets[0]?.balance ?? 0n;
    if (balance < wanted / 2n) {
        const token = contracts.testToken;
        await OrchestrationContext.testFunding.fund({ merchantId, token, amount: wanted });
    }
    return shop;
}
