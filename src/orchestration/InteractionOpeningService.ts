import type { Happening, InteractionService, Opened } from "@/domain/campaign";
import type { MerchantService } from "@/domain/merchant";
import type { Queue } from "@/infrastructure/queue/Queue";
import type { GroupId, MerchantId } from "@/utils/ids";
import type { Clock } from "@/utils/time";

export type ReferralMade = { merchantId: MerchantId; refereeGroupId: GroupId; occurredAt: Date };
export type WalletConnection = {
    merchantId: MerchantId;
    groupId: GroupId;
    /** As it is looked up by: what stays the same however groups are merged. */
    wallet: string;
    /** The wallet was made just now, on this shop's page. */
    isNew: boolean;
};

/** What people do besides buying and may earn by. To be called in the transaction that causes it, which holds them. */
export class InteractionOpeningService {
    constructor(
        private readonly interactions: InteractionService,
        private readonly merchants: MerchantService,
        private readonly queue: Queue,
        private readonly clock: Clock
    ) {}

    /** By place: each subject opens one interaction, however often it is said. */
    async open(items: readonly Happening[]): Promise<Opened[]> {
        if (items.length === 0) return [];
        const opened = await this.interactions.open(items);
        if (opened.some(({ duplicate }) => !duplicate)) {
            await this.queue.wake("evaluateInteractions");
        }
        return opened;
    }

    /** Whoever came is the one who acts; a person is brought to a shop once. */
    async openReferrals(made: readonly ReferralMade[]): Promise<void> {
        await this.open(
            made.map(({ merchantId, refereeGroupId, occurredAt }) => ({
                merchantId,
                groupId: refereeGroupId,
                trigger: "referral",
                subject: refereeGroupId,
                occurredAt,
            }))
        );
    }

    /** A wallet signs up at a shop, and connects to it, once each. Nothing for a shop that does not exist. */
    async openWallet({ merchantId, groupId, wallet, isNew }: WalletConnection): Promise<void> {
        if (!(await this.merchants.find(merchantId))) return;
        const occurredAt = this.clock.now();
        const item = { merchantId, groupId, subject: wallet, occurredAt };
        await this.open([
            ...(isNew ? [{ ...item, trigger: "signup" } as const] : []),
            { ...item, trigger: "walletConnected" },
        ]);
    }
}
