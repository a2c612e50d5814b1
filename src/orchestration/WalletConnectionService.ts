import type { Database } from "@/infrastructure/persistence/Database";
import type { GroupId, MerchantId } from "@/utils/ids";
import type { IdentityMergeService, Union } from "./IdentityMergeService";
import type { InteractionOpeningService } from "./InteractionOpeningService";

export type Connection = Union & {
    /** As it is looked up by. */
    wallet: string;
    /** The shop on whose page it happens, if it is one. */
    merchantId: MerchantId | null | undefined;
    /** The wallet was made just now. */
    isNew: boolean;
};

/** A wallet and what came with it turn out to be one person's; on a shop's page, that may earn. */
export class WalletConnectionService {
    constructor(
        private readonly db: Database,
        private readonly people: IdentityMergeService,
        private readonly interactions: InteractionOpeningService
    ) {}

    /** As `unite`, and in the same transaction. Where two wallets meet nothing happens at all. */
    async connect({
        wallet,
        merchantId,
        isNew,
        ...union
    }: Connection): Promise<GroupId | "walletConflict"> {
        return this.db.transaction(async () => {
            const groupId = await this.people.unite(union);
            if (groupId !== "walletConflict" && merchantId) {
                await this.interactions.openWallet({ merchantId, groupId, wallet, isNew });
            }
            return groupId;
        });
    }
}
