import type { NodeKey } from "@/domain/identity";
import type { PurchaseErasureService, PurchaseRecordingService } from "@/domain/purchases";
import type { MerchantId } from "@/utils/ids";
import type { ErasureOrchestrator } from "./ErasureOrchestrator";
import type { Erasure } from "./ShopMessageService";

/** The platform whose shops ask us to forget: the others have no such message. */
const platform = "shopify";

/**
 * A shop asks to forget a customer, or all it sent. What it sent goes at once, in the transaction that reads the
 * request; what else is known of the person goes in the background.
 */
export class ShopErasureService implements Erasure {
    constructor(
        private readonly purchases: PurchaseErasureService,
        private readonly recording: PurchaseRecordingService,
        private readonly people: ErasureOrchestrator
    ) {}

    async eraseCustomer(merchantId: MerchantId, customerId: string, email?: string): Promise<void> {
        const nodes: NodeKey[] = this.recording
            .buyerLookups(platform, customerId, email)
            .map((lookup) => ({ kind: "customer", lookup, merchantId }));
        await this.people.eraseCustomer({ merchantId, customerId, email, nodes });
        await this.purchases.eraseCustomer({ merchantId, platform, customerId, email });
    }

    async eraseShop(merchantId: MerchantId): Promise<void> {
        await this.purchases.eraseShop(merchantId, platform);
    }
}
