import type { MerchantService, MerchantView, Registration } from "@/domain/merchant";
import type { Database } from "@/infrastructure/persistence/Database";
import type { BankOpeningService } from "./BankOpeningService";

/** A shop joins: its domain is proven, its owner is named, and its bank is on the way. */
export class MerchantOnboardingOrchestrator {
    constructor(
        private readonly db: Database,
        private readonly merchants: MerchantService,
        private readonly banks: BankOpeningService
    ) {}

    /** Throws `DOMAIN_INVALID`, `UNKNOWN_ASSET`, `DNS_NOT_VERIFIED` or `DOMAIN_TAKEN`. */
    async register(registration: Registration): Promise<MerchantView> {
        const proven = await this.merchants.prove(registration);
        return this.db.transaction(async () => {
            const merchant = await this.merchants.add(proven);
            await this.banks.request(merchant.id, proven.owner);
            return merchant;
        });
    }
}
