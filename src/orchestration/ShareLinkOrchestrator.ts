import type { IdentityService, NodeKey } from "@/domain/identity";
import type { MerchantService } from "@/domain/merchant";
import type { ShareCodeService } from "@/domain/referral";
import type { Database } from "@/infrastructure/persistence/Database";
import type { MerchantId } from "@/utils/ids";

export type ShareLink = { code: string; url: string };

/** A person wants something to share: a code of theirs, in a link to the shop. */
export class ShareLinkOrchestrator {
    constructor(
        private readonly db: Database,
        private readonly merchants: MerchantService,
        private readonly identities: IdentityService,
        private readonly shareCodes: ShareCodeService
    ) {}

    async linkOf(merchantId: MerchantId, sharer: NodeKey): Promise<ShareLink> {
        const domain = await this.merchants.mainDomain(merchantId);
        const code = await this.db.transaction(async () => {
            const [groupId] = await this.identities.resolve([sharer]);
            if (!groupId) throw new Error("A sharer resolves to one person");
            return this.shareCodes.codeOf(groupId, merchantId);
        });
        return { code, url: `https://${domain}/?ref=${code}` };
    }
}
