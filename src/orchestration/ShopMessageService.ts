import type { IdentityService, NodeKey } from "@/domain/identity";
import type { PurchaseRecordingService, Read, ShopWebhookService } from "@/domain/purchases";
import type { GroupId, MerchantId } from "@/utils/ids";
import type { InteractionOpeningService } from "./InteractionOpeningService";

type NoticeRead = Extract<Read, { outcome: "notice" }>;
type EventRead = Extract<Read, { outcome: "event" }>;

/** Forgetting a person, or all that a shop sent, everywhere that it is kept. */
export type Erasure = {
    eraseCustomer(merchantId: MerchantId, customerId: string, email?: string): Promise<void>;
    eraseShop(merchantId: MerchantId): Promise<void>;
};

/** What shops tell us besides their orders. Must be called in a transaction. */
export class ShopMessageService {
    constructor(
        private readonly identities: IdentityService,
        private readonly recording: PurchaseRecordingService,
        private readonly interactions: InteractionOpeningService,
        private readonly webhooks: ShopWebhookService,
        private readonly erasure: Erasure
    ) {}

    async take(reads: readonly Read[]): Promise<void> {
        await this.keepEvents(reads.filter((read) => read.outcome === "event"));
        for (const read of reads) if (read.outcome === "notice") await this.obey(read);
    }

    /** A request for somebody's data is the merchant's to answer: the list of deliveries says so. */
    private async obey({ delivery: { merchantId, platform }, notice }: NoticeRead): Promise<void> {
        if (notice.about === "customerErasure") {
            await this.erasure.eraseCustomer(merchantId, notice.customerId, notice.email);
        }
        if (notice.about === "shopErasure") await this.erasure.eraseShop(merchantId);
        if (notice.about === "uninstalled") {
            await this.webhooks.markDisconnected(merchantId, platform);
        }
    }

    private async keepEvents(reads: readonly EventRead[]): Promise<void> {
        const named = reads.flatMap((read) => {
            const key = this.personOf(read);
            return key ? [{ ...read, key }] : [];
        });
        if (named.length === 0) return;
        const groups = await this.identities.resolve(named.map(({ key }) => key));
        await this.interactions.open(
            named.map(({ delivery: { merchantId }, event }, position) => ({
                merchantId,
                groupId: groups[position] as GroupId,
                trigger: "custom",
                subject: `shop:${event.idempotencyKey}`,
                occurredAt: event.occurredAt,
                data: { ...event.data, customType: event.customType },
            }))
        );
    }

    private personOf({
        delivery: { merchantId, platform },
        event,
    }: EventRead): NodeKey | undefined {
        const { clientId, customerId } = event;
        if (clientId) return this.identities.keyOf({ kind: "client", clientId, merchantId });
        if (!customerId) return undefined;
        const lookup = this.recording.customerLookup(platform, customerId);
        return { kind: "customer", lookup, merchantId };
    }
}
